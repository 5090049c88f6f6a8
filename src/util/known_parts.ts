/** Provides existing views of parts of bytes that it has handed out. */
export interface PartViews {
  /**
   * An existing view of the bytes from `start` to `end`; undefined if there is
   * none.
   */
  partOf(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined;
}

/** The latest provider. Only one at a time hands out bytes in a thread. */
let latest: PartViews | undefined = undefined;

/** Makes `views` the latest provider. */
export function handsOut(views: PartViews): void {
  latest = views;
}

/**
 * An existing view of the bytes from `start` to `end` of a handler's `bytes`;
 * undefined if there is none.
 */
export function knownPart(
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array | undefined {
  return latest?.partOf(bytes, start, end);
}
