import { SimRandom } from "../sim/random.ts";

/**
 * Random choices that are recorded as numbers, of which 0 makes the simplest
 * case. So whatever can be made up at random shrinks, and what is shrunk is still
 * something that can be made up.
 */
export class Draw extends SimRandom {
  /** What was drawn. */
  readonly numbers: number[] = [];
  /** From where to where in `numbers` the elements of lists are, each by itself or inside another. */
  readonly elements: [start: number, end: number][] = [];
  readonly #source: SimRandom | readonly number[];

  /** Draws at random, or what is given, and then zeros. */
  constructor(source: SimRandom | readonly number[]) {
    super(0);
    this.#source = source;
  }

  override integer(min: number, max: number): number {
    return min + this.#next(max - min);
  }

  override chance(probability: number): boolean {
    const source = this.#source;
    return source instanceof SimRandom
      ? this.#record(source.chance(probability) ? 1 : 0) === 1
      : this.#next(1) === 1;
  }

  override bytes(length: number): Uint8Array {
    return new Uint8Array(length).map(() => this.integer(0, 255));
  }

  /** An integer from 0 to `max`, of every magnitude as often. */
  size(max: number): number {
    const bits = this.integer(0, 32 - Math.clz32(max));
    return Math.min(max, this.integer(0, 2 ** bits - 1));
  }

  /** Up to `max` elements, none is the simplest. */
  list<T>(max: number, element: (draw: Draw) => T): T[] {
    const list: T[] = [];
    for (;;) {
      // Before each element there is whether it is, so both can be left out.
      const start = this.numbers.length;
      if (list.length === max || !this.chance(max / (max + 2))) return list;
      list.push(element(this));
      this.elements.push([start, this.numbers.length]);
    }
  }

  /** An integer from 0 to `max`. */
  #next(max: number): number {
    const source = this.#source;
    return this.#record(
      source instanceof SimRandom
        ? source.integer(0, max)
        : Math.min(source[this.numbers.length] ?? 0, max),
    );
  }

  #record(number: number): number {
    this.numbers.push(number);
    return number;
  }
}
