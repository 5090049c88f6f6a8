/** The most recent items, in order of arrival. */
export class LastOnes<T> {
  readonly #size: number;
  readonly #items: T[] = [];
  #count = 0;

  /** Keeps `size` of them. */
  constructor(size: number) {
    this.#size = size;
  }

  /** How many have come so far. */
  get count(): number {
    return this.#count;
  }

  add(item: T): void {
    this.#items[this.#count++ % this.#size] = item;
  }

  /** The kept items that came after the first `seen`, oldest first. */
  *since(seen: number): Generator<T> {
    const from = Math.max(seen, this.#count - this.#items.length);
    for (let at = from; at < this.#count; at++) {
      yield this.#items[at % this.#size];
    }
  }

  /** The kept items, newest first. */
  *newest(): Generator<T> {
    const end = this.#count - this.#items.length;
    for (let at = this.#count - 1; at >= end; at--) {
      yield this.#items[at % this.#size];
    }
  }
}
