/**
 * A buffer that reads are laid out in, aligned to its end. All views of the
 * rest of a read then end at the same place, so their length identifies them,
 * and each is created only once.
 */
export class ViewCache {
  readonly bytes: Uint8Array;
  /** The views of the last `i` bytes, by `i`. */
  readonly views: (Uint8Array | undefined)[];
  /**
   * Views of parts, by their offset. If a part was asked for only once so far,
   * its size.
   */
  readonly parts: (Uint8Array | number)[];

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    // Filled at once: an array that grows in leaps turns into a hash table.
    this.views = new Array(size + 1).fill(undefined);
    this.parts = new Array(size).fill(0);
  }
}
