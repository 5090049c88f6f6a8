import { FIFO_COMPACT_SIZE } from "../tuning.ts";

/** A first-in, first-out queue in an array. */
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

  /** Removes and returns the first value; there must be one. */
  shift(): T {
    const value = this.#values[this.#head++];
    if (this.#head === this.#values.length) {
      this.#values.length = this.#head = 0;
    } else if (
      this.#head >= FIFO_COMPACT_SIZE && this.#head * 2 >= this.#values.length
    ) {
      this.#values.splice(0, this.#head);
      this.#head = 0;
    }
    return value;
  }

  /** Removes and returns the values for which `isWanted` is true, in order. */
  takeAll(isWanted: (value: T) => boolean): T[] {
    const taken: T[] = [];
    const rest: T[] = [];
    for (const value of this) (isWanted(value) ? taken : rest).push(value);
    this.#values = rest;
    this.#head = 0;
    return taken;
  }

  /** The queued values, in order. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = this.#head; i < this.#values.length; i++) {
      yield this.#values[i];
    }
  }
}
