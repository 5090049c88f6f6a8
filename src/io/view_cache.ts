/**
 * A buffer that reads are laid out in, against its end: so all views of what is
 * left of a read end at the same place, a view is known by its length alone,
 * made once, and never again.
 */
export class ViewCache {
  readonly bytes: Uint8Array;
  /** The last bytes of `bytes`, by their number. */
  readonly views: (Uint8Array | undefined)[];

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    // Filled at once: an array that grows by leaps becomes a hash table.
    this.views = new Array(size + 1).fill(undefined);
  }

  /** True if somebody has transferred it to another thread. */
  get isGone(): boolean {
    return this.bytes.length === 0;
  }
}
