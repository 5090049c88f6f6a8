/** Who hands bytes out, and knows views of parts of them that were made before. */
export interface PartViews {
  /** A view of the bytes from `start` to `end`; undefined if none is known. */
  partOf(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined;
}

/** Who has handed bytes out last: in a thread, one at a time does. */
let latest: PartViews | undefined = undefined;

/** From now on `views` hands bytes out. */
export function handsOut(views: PartViews): void {
  latest = views;
}

/** A view of the bytes from `start` to `end` of what a handler was given, if one was made before; else undefined. */
export function knownPart(
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array | undefined {
  return latest?.partOf(bytes, start, end);
}
