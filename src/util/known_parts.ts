/** Provides existing views of parts of bytes that it has handed out. */
export interface PartViews {
  /**
   * An existing view of the bytes from `start` to `end`; undefined if there is
   * none.
   */
  partOf(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined;
}

/** Who has handed out bytes last. Only one at a time does so in a thread. */
export const handedOut: { by: PartViews | undefined } = { by: undefined };

/**
 * An existing view of the bytes from `start` to `end` of a handler's `bytes`;
 * undefined if there is none.
 */
export function knownPart(
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array | undefined {
  return handedOut.by?.partOf(bytes, start, end);
}
