// Property tests: a property is checked on random cases and, if it is broken, shown
// with the smallest failing case that can be found.
//
// Why not fast-check: Node resolves package names from node_modules only, and
// nothing is installed here. scripts/run.mjs could have npx fetch it, but then Node
// would need a loader hook and Deno an import map, and test files could no longer be
// run on their own. What we need of it is here and in src/testing/, which testCodec
// uses too: a generator draws numbers, the numbers are recorded, and a case shrinks
// by running its generator again on fewer and smaller numbers. So everything that
// can be generated shrinks, and a shrunk case is still one that the generator can
// make.

import process from "node:process";
import { test } from "node:test";
import { inspect } from "node:util";
import { SimRandom } from "../../src/sim/random.ts";
import { Draw } from "../../src/testing/draw.ts";
import { Simplifier } from "../../src/testing/simplify.ts";
import { isOurs } from "../support/sharing.ts";

/** How many cases are checked by default. */
const DEFAULT_RUNS = 300;

/** How many cases are tried at most to find a smaller one. */
const SHRINK_TRIES = 3000;

/** How often a property is checked. */
export interface PropertyOptions {
  /** How many cases, each with its own seed; 300 by default. */
  readonly runs?: number | undefined;
  /** The seed of the first case, 1 by default; the others follow. */
  readonly seed?: number | undefined;
  /** Which of these seeds to run; all by default. */
  readonly plays?: (seed: number) => boolean;
}

/** The source of a generator's numbers. Every number is recorded; 0 makes the simplest case. */
export class CaseDraw extends Draw {
  /** An integer from 0 to `max`, with every magnitude equally likely, or near one of `marks`. */
  override size(max: number, marks: readonly number[] = []): number {
    if (marks.length === 0 || !this.chance(0.4)) return super.size(max);
    const step = this.integer(0, 4);
    const distance = step % 2 === 0 ? step / 2 : -(step + 1) / 2;
    return Math.min(max, Math.max(0, this.pick(marks) + distance));
  }

  /** Up to `max` elements; none is the simplest. */
  override list<T>(max: number, element: (draw: CaseDraw) => T): T[] {
    return super.list(max, () => element(this));
  }
}

/**
 * A test: `check` must not throw for any case that `generate` makes. The runtimes
 * share the cases. PROPERTY_RUNS and PROPERTY_SEED in the environment override the
 * options, and then this runtime runs all cases.
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

/** Checks all cases. Throws an error with the seed and the smallest version of the first failing case. */
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

/** A case for which the check throws, and what it throws. */
interface Failure<T> {
  readonly draw: CaseDraw;
  readonly value: T;
  readonly error: unknown;
}

/** Generates a case and checks it. */
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
    // Generated again, since the check may have changed it.
    return { draw, value: generate(new CaseDraw(draw.numbers)), error };
  }
}

/** Removes elements and makes numbers smaller as long as the case fails. */
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
