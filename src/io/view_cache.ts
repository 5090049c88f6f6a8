/**
 * A buffer that reads are laid out in, against its end. All views of what is
 * left of a read then end at the same place, so a view is known by its length
 * alone: it is made once, and used again.
 */
export class ViewCache {
  readonly bytes: Uint8Array;
  /** The last bytes of `bytes`, by their number. */
  readonly views: (Uint8Array | undefined)[];
  /** The first of these, as many as were asked for, by the number of the last. */
  readonly parts: (Uint8Array | undefined)[];

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    // Filled at once: an array that grows by leaps becomes a hash table.
    this.views = new Array(size + 1).fill(undefined);
    this.parts = new Array(size + 1).fill(undefined);
  }

  /** True if somebody has transferred its buffer away. */
  get isGone(): boolean {
    return this.bytes.length === 0;
  }
}
