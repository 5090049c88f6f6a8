/** The last things of many, in the order in which they came. */
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

  /** Those kept that came after the first `seen`, the oldest first. */
  *since(seen: number): Generator<T> {
    const from = Math.max(seen, this.#count - this.#items.length);
    for (let at = from; at < this.#count; at++) {
      yield this.#items[at % this.#size];
    }
  }

  /** Those kept, the newest first. */
  *newest(): Generator<T> {
    const end = this.#count - this.#items.length;
    for (let at = this.#count - 1; at >= end; at--) {
      yield this.#items[at % this.#size];
    }
  }
}
