/**
 * A buffer that reads are laid out in, against its end. All views of what is
 * left of a read then end at the same place, so a view is known by its length
 * alone: it is made once, and used again.
 */
export class ViewCache {
  readonly bytes: Uint8Array;
  /** The last bytes of `bytes`, by their number. */
  readonly views: (Uint8Array | undefined)[];
  /** Parts of `bytes`, by where they begin; or how many bytes the part had that was asked for there, if that was once. */
  readonly parts: (Uint8Array | number)[];

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    // Filled at once: an array that grows by leaps becomes a hash table.
    this.views = new Array(size + 1).fill(undefined);
    this.parts = new Array(size).fill(0);
  }

  /** True if somebody has transferred its buffer away. */
  get isGone(): boolean {
    return this.bytes.length === 0;
  }
}
