/**
 * Random numbers that can be repeated.
 *
 * @module
 */

const GOLDEN = 0x9e3779b9;
const TWO_32 = 2 ** 32;
const TWO_53 = 2 ** 53;

/** Mixes the bits of `state`: the output function of splitmix32. */
export function scatter(state: number): number {
  let x = state | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** The `n`-th number of the splitmix32 sequence of `seed`, without computing those before it. */
export function nthOf(seed: number, n: number): number {
  return scatter(seed + Math.imul(n, GOLDEN));
}

/** Derives a 32-bit seed for what `label` names from `seed`, a safe integer. */
export function derive(seed: number, label: string): number {
  let state = scatter(Math.floor(seed / TWO_32) + GOLDEN);
  state = scatter(state ^ (seed % TWO_32));
  for (let i = 0; i < label.length; i++) {
    state = Math.imul(state ^ label.charCodeAt(i), 0x01000193);
  }
  return scatter(state + label.length);
}

/**
 * Random numbers that are the same in every run and on every runtime: sfc32,
 * seeded by splitmix32. Not for secrets.
 *
 * @category Simulation
 * @example
 * ```ts
 * import { SimRandom } from "@reactio/reactio";
 *
 * const random = new SimRandom(1);
 * const dice = random.integer(1, 6);
 * console.log(dice === new SimRandom(1).integer(1, 6)); // true
 * ```
 */
export class SimRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /**
   * Starts a sequence.
   *
   * @param seed A safe integer; the same one gives the same sequence.
   */
  constructor(seed: number) {
    const state = derive(seed, "");
    this.#a = nthOf(state, 1) | 0;
    this.#b = nthOf(state, 2) | 0;
    this.#c = nthOf(state, 3) | 0;
    for (let i = 0; i < 8; i++) this.#next();
  }

  /**
   * A random integer.
   *
   * @param min The smallest possible value, a safe integer.
   * @param max The largest possible value, a safe integer less than 2^53 above
   * `min`.
   * @returns An integer from `min` to `max`, both inclusive.
   */
  integer(min: number, max: number): number {
    const count = max - min + 1;
    const fraction = count <= TWO_32
      ? this.#next() / TWO_32
      : (this.#next() % 2 ** 21 * TWO_32 + this.#next()) / TWO_53;
    return min + Math.floor(fraction * count);
  }

  /**
   * A random decision.
   *
   * @param probability 0 to 1.
   * @returns True with this probability.
   */
  chance(probability: number): boolean {
    return this.#next() < probability * TWO_32;
  }

  /**
   * A random choice.
   *
   * @param values What to choose from, at least one.
   * @returns One of `values`.
   */
  pick<T>(values: readonly T[]): T {
    return values[this.integer(0, values.length - 1)];
  }

  /**
   * Random bytes.
   *
   * @param length How many.
   * @returns A new array of that length.
   */
  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.#next();
    return bytes;
  }

  #next(): number {
    const sum = (this.#a + this.#b | 0) + this.#counter | 0;
    this.#counter = this.#counter + 1 | 0;
    this.#a = this.#b ^ this.#b >>> 9;
    this.#b = this.#c + (this.#c << 3) | 0;
    this.#c = (this.#c << 21 | this.#c >>> 11) + sum | 0;
    return sum >>> 0;
  }
}
