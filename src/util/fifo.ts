/** The taken part of the array is cut off when it is this long and half of all. */
const COMPACT_SIZE = 1024;

/** A queue in an array: what is pushed first is shifted first. */
export class Fifo<T> {
  #values: T[] = [];
  #head = 0;

  /** How many values are queued. */
  get size(): number {
    return this.#values.length - this.#head;
  }

  /** Puts `value` behind the others. */
  push(value: T): void {
    this.#values.push(value);
  }

  /** Takes the first value out; there is one. */
  shift(): T {
    const value = this.#values[this.#head++];
    if (this.#head === this.#values.length) {
      this.#values.length = this.#head = 0;
    } else if (
      this.#head >= COMPACT_SIZE && this.#head * 2 >= this.#values.length
    ) {
      this.#values.splice(0, this.#head);
      this.#head = 0;
    }
    return value;
  }

  /** Takes out, in their order, the values for which `isWanted` is true. */
  takeAll(isWanted: (value: T) => boolean): T[] {
    const taken: T[] = [];
    const rest: T[] = [];
    for (const value of this) (isWanted(value) ? taken : rest).push(value);
    this.#values = rest;
    this.#head = 0;
    return taken;
  }

  /** The values queued, in their order. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = this.#head; i < this.#values.length; i++) {
      yield this.#values[i];
    }
  }
}
