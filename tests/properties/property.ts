// Property tests: a promise, checked on cases that are made up at random, and
// shown, if it is broken, on the smallest case that can be found.
//
// Why not fast-check: Node resolves the name of a package from node_modules
// alone, and nothing is installed here. scripts/run.mjs could have npx fetch it,
// but then Node needs a loader hook and Deno an import map, and no test file
// runs by itself any more. What we need of it is here and in src/testing/, which
// testCodec stands on: a generator draws numbers, the numbers are recorded, and to
// shrink a case is to run its generator again on fewer and smaller numbers. So
// whatever can be generated shrinks, and what is shrunk is still something that the
// generator makes.

import process from "node:process";
import { test } from "node:test";
import { inspect } from "node:util";
import { SimRandom } from "../../src/sim/random.ts";
import { Draw } from "../../src/testing/draw.ts";
import { Simplifier } from "../../src/testing/simplify.ts";
import { isOurs } from "../support/sharing.ts";

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
  /** Which seeds to play of these, all if left out. */
  readonly plays?: (seed: number) => boolean;
}

/** What a generator draws from. Every number is recorded; 0 makes the simplest case. */
export class CaseDraw extends Draw {
  /** An integer from 0 to `max`: of every magnitude as often, or near one of `marks`. */
  override size(max: number, marks: readonly number[] = []): number {
    if (marks.length === 0 || !this.chance(0.4)) return super.size(max);
    const step = this.integer(0, 4);
    const distance = step % 2 === 0 ? step / 2 : -(step + 1) / 2;
    return Math.min(max, Math.max(0, this.pick(marks) + distance));
  }

  /** Up to `max` elements, none is the simplest. */
  override list<T>(max: number, element: (draw: CaseDraw) => T): T[] {
    return super.list(max, () => element(this));
  }
}

/**
 * A test: `check` throws for none of the cases that `generate` makes, which the
 * runtimes share. PROPERTY_RUNS and PROPERTY_SEED in the environment come before
 * the options, and then all are for this one.
 */
export function property<T>(
  name: string,
  options: PropertyOptions,
  generate: (draw: CaseDraw) => T,
  check: (value: T) => void,
): void {
  const runs = fromEnvironment("PROPERTY_RUNS");
  const seed = fromEnvironment("PROPERTY_SEED");
  const isAsked = runs !== undefined || seed !== undefined;
  test(name, () =>
    verify(
      {
        runs: runs ?? options.runs,
        seed: seed ?? options.seed,
        plays: isAsked ? () => true : isOurs,
      },
      generate,
      check,
    ));
}

/** Checks all cases; throws an error with the seed and the smallest case of the first that fails. */
export function verify<T>(
  options: PropertyOptions,
  generate: (draw: CaseDraw) => T,
  check: (value: T) => void,
): void {
  const { runs = DEFAULT_RUNS, seed: first = 1, plays } = options;
  for (let seed = first; seed < first + runs; seed++) {
    if (plays?.(seed) === false) continue;
    const failure = attempt(new SimRandom(seed), generate, check);
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
  readonly draw: CaseDraw;
  readonly value: T;
  readonly error: unknown;
}

/** Makes a case and checks it. */
function attempt<T>(
  source: SimRandom | readonly number[],
  generate: (draw: CaseDraw) => T,
  check: (value: T) => void,
): Failure<T> | undefined {
  const draw = new CaseDraw(source);
  const value = generate(draw);
  try {
    check(value);
    return undefined;
  } catch (error) {
    // Made again, since the check may have changed it.
    return { draw, value: generate(new CaseDraw(draw.numbers)), error };
  }
}

/** Leaves elements out and makes numbers smaller as long as the case fails. */
function shrink<T>(
  failure: Failure<T>,
  generate: (draw: CaseDraw) => T,
  check: (value: T) => void,
): Failure<T> {
  let best = failure;
  const simplifier = new Simplifier(failure.draw);
  const candidates = simplifier.candidates();
  let next = candidates.next();
  for (let tries = 0; !next.done && tries < SHRINK_TRIES; tries++) {
    const other = attempt(next.value, generate, check);
    next = candidates.next(other?.draw);
    if (other !== undefined && simplifier.best === other.draw) best = other;
  }
  return best;
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
