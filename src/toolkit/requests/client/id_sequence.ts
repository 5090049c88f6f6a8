/** Assigns ids one after the other, then from the first one again. */
export class IdSequence {
  /** How many there are. */
  readonly count: number;
  readonly #min: number;
  readonly #max: number;
  #next: number;

  /** Integers from `min` to `max`, both inclusive. */
  constructor(min: number, max: number) {
    this.count = max - min + 1;
    this.#min = min;
    this.#max = max;
    this.#next = min;
  }

  /** The next id that is not in use; there must be one. */
  next(isUsed: (id: number) => boolean): number {
    for (;;) {
      const id = this.#next;
      this.#next = id === this.#max ? this.#min : id + 1;
      if (!isUsed(id)) return id;
    }
  }
}
