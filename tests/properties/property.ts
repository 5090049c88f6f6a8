// Property tests: a promise, checked on cases that are made up at random, and
// shown, if it is broken, on the smallest case that can be found.
//
// Why not fast-check: Node resolves the name of a package from node_modules
// alone, and nothing is installed here. scripts/run.mjs could have npx fetch it,
// but then Node needs a loader hook and Deno an import map, and no test file
// runs by itself any more. What we need of it is in this file: a generator draws
// numbers, the numbers are recorded, and to shrink a case is to run its generator
// again on fewer and smaller numbers. So whatever can be generated shrinks, and
// what is shrunk is still something that the generator makes.

import process from "node:process";
import { test } from "node:test";
import { inspect } from "node:util";
import { Random } from "../support/random.ts";

/** How many cases are checked if nothing is said. */
const DEFAULT_RUNS = 300;

/** How many cases are tried at most to find a smaller one. */
const SHRINK_TRIES = 3000;

/** How often a promise is checked. */
export interface PropertyOptions {
  /** How many cases, each from a seed of its own; 300 if left out. */
  readonly runs?: number | undefined;
  /** The seed of the first one, 1 if left out; the others follow. */
  readonly seed?: number | undefined;
}

/** What a generator draws from. Every number is recorded; 0 makes the simplest case. */
export class Draw {
  /** What was drawn. */
  readonly numbers: number[] = [];
  /** From where to where in `numbers` the elements of lists are, each by itself or inside another. */
  readonly elements: [start: number, end: number][] = [];
  readonly #source: Random | readonly number[];

  /** Draws at random, or what is given, and then zeros. */
  constructor(source: Random | readonly number[]) {
    this.#source = source;
  }

  /** An integer from `min`, the simplest, to `max`, both inclusive. */
  integer(min: number, max: number): number {
    return min +
      this.#next(max - min, (random) => random.integer(0, max - min));
  }

  /** True with the given probability; false is simpler. */
  chance(probability: number): boolean {
    return this.#next(1, (random) => random.chance(probability) ? 1 : 0) === 1;
  }

  /** One of `values`, the simplest first. */
  pick<T>(values: readonly T[]): T {
    return values[this.integer(0, values.length - 1)];
  }

  /** An integer from 0 to `max`: of every magnitude as often, or near one of `marks`. */
  size(max: number, marks: readonly number[] = []): number {
    if (marks.length > 0 && this.chance(0.4)) {
      const step = this.integer(0, 4);
      const distance = step % 2 === 0 ? step / 2 : -(step + 1) / 2;
      return Math.min(max, Math.max(0, this.pick(marks) + distance));
    }
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

  #next(max: number, random: (random: Random) => number): number {
    const number = this.#source instanceof Random
      ? random(this.#source)
      : Math.min(this.#source[this.numbers.length] ?? 0, max);
    this.numbers.push(number);
    return number;
  }
}

/**
 * A test: `check` throws for none of the cases that `generate` makes.
 * PROPERTY_RUNS and PROPERTY_SEED in the environment come before the options.
 */
export function property<T>(
  name: string,
  options: PropertyOptions,
  generate: (draw: Draw) => T,
  check: (value: T) => void,
): void {
  test(name, () =>
    verify(
      {
        runs: fromEnvironment("PROPERTY_RUNS") ?? options.runs,
        seed: fromEnvironment("PROPERTY_SEED") ?? options.seed,
      },
      generate,
      check,
    ));
}

/** Checks all cases; throws an error with the seed and the smallest case of the first that fails. */
export function verify<T>(
  options: PropertyOptions,
  generate: (draw: Draw) => T,
  check: (value: T) => void,
): void {
  const { runs = DEFAULT_RUNS, seed: first = 1 } = options;
  for (let seed = first; seed < first + runs; seed++) {
    const failure = attempt(new Random(seed), generate, check);
    if (failure === undefined) continue;
    const { value, error } = shrink(failure, generate, check);
    const count = seed - first + 1;
    throw new Error(
      `Broken by case ${count} of ${runs}, seed ${seed}. The smallest one found:\n` +
        `${show(value)}\n` +
        `${error instanceof Error ? error.message : show(error)}\n` +
        `To see it again, set PROPERTY_SEED=${seed} and PROPERTY_RUNS=1.`,
      { cause: error },
    );
  }
}

/** A case that the check throws for, and what it throws. */
interface Failure<T> {
  readonly draw: Draw;
  readonly value: T;
  readonly error: unknown;
}

/** Makes a case and checks it. */
function attempt<T>(
  source: Random | readonly number[],
  generate: (draw: Draw) => T,
  check: (value: T) => void,
): Failure<T> | undefined {
  const draw = new Draw(source);
  const value = generate(draw);
  try {
    check(value);
    return undefined;
  } catch (error) {
    // Made again, since the check may have changed it.
    return { draw, value: generate(new Draw(draw.numbers)), error };
  }
}

/** Leaves elements out and makes numbers smaller as long as the case fails. */
function shrink<T>(
  failure: Failure<T>,
  generate: (draw: Draw) => T,
  check: (value: T) => void,
): Failure<T> {
  let best = failure;
  let tries = 0;
  const fails = (numbers: readonly number[]): boolean => {
    if (tries++ >= SHRINK_TRIES) return false;
    const other = attempt(numbers, generate, check);
    if (other === undefined) return false;
    const isBetter = isSimpler(other.draw.numbers, best.draw.numbers);
    if (isBetter) best = other;
    return isBetter;
  };
  let before;
  do {
    before = best;
    leaveOut(() => best.draw, fails);
    makeSmaller(() => best.draw.numbers, fails);
  } while (best !== before);
  return best;
}

/** Fewer numbers are simpler, and of as many those whose first difference is smaller. */
function isSimpler(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return a.length < b.length;
  const at = a.findIndex((number, i) => number !== b[i]);
  return at >= 0 && a[at] < b[at];
}

function leaveOut(
  best: () => Draw,
  fails: (numbers: readonly number[]) => boolean,
): void {
  // An element comes after those that are inside: from the last one on, the large ones go first.
  for (let i = best().elements.length - 1; i >= 0; i--) {
    const { numbers, elements } = best();
    if (i >= elements.length) continue;
    const [start, end] = elements[i];
    fails([...numbers.slice(0, start), ...numbers.slice(end)]);
  }
}

function makeSmaller(
  best: () => readonly number[],
  fails: (numbers: readonly number[]) => boolean,
): void {
  for (let at = 0; at < best().length; at++) {
    const failsWith = (number: number): boolean =>
      fails(best().map((other, i) => i === at ? number : other));
    if (best()[at] === 0 || failsWith(0)) continue;
    for (let passes = 0; passes + 1 < best()[at];) {
      const middle = Math.floor((passes + best()[at]) / 2);
      if (!failsWith(middle)) passes = middle;
    }
  }
}

function fromEnvironment(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(
    `Cannot use ${name} ${text}: it must be an integer from 1 up`,
  );
}

function show(value: unknown): string {
  return inspect(value, { depth: null, maxArrayLength: 200, breakLength: 100 });
}
