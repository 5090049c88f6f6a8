import { SimRandom } from "../sim/random.ts";

/**
 * Random choices, recorded as numbers of which 0 is the simplest choice.
 * Shrinking these numbers shrinks anything generated from them, and the result
 * can still be generated.
 */
export class Draw extends SimRandom {
  /** The numbers drawn so far. */
  readonly numbers: number[] = [];
  /** The ranges in `numbers` of all list elements, including nested ones. */
  readonly elements: [start: number, end: number][] = [];
  readonly #source: SimRandom | readonly number[];

  /** Draws at random, or replays given numbers, followed by zeros. */
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

  /** Returns an integer from 0 to `max`. All magnitudes are equally likely. */
  size(max: number): number {
    const bits = this.integer(0, 32 - Math.clz32(max));
    return Math.min(max, this.integer(0, 2 ** bits - 1));
  }

  /** Returns up to `max` elements; no element is the simplest choice. */
  list<T>(max: number, element: (draw: Draw) => T): T[] {
    const list: T[] = [];
    for (;;) {
      // Each element follows the choice to have it, so that both can be removed
      // together.
      const start = this.numbers.length;
      if (list.length === max || !this.chance(max / (max + 2))) return list;
      list.push(element(this));
      this.elements.push([start, this.numbers.length]);
    }
  }

  /** Returns an integer from 0 to `max`. */
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
