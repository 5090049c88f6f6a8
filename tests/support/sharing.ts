import process from "node:process";
import { hostAdapter } from "../../mod.ts";

const PLAYERS = ["bun", "deno", "node"];

/** Set by scripts/run.mjs, which runs the suites of all: a file that is run by itself plays every seed. */
const isShared = process.env.REACTIO_SHARED !== undefined;

/**
 * True if this runtime is to play `seed`. What a seed plays does not depend on
 * the runtime, as sim_runtimes.test.ts shows: each plays a third of them, and
 * none is played twice.
 */
export function isOurs(seed: number): boolean {
  return !isShared ||
    PLAYERS[seed % PLAYERS.length] === hostAdapter().name;
}

/** Those of the seeds from 1 to `count` that this runtime is to play. */
export function oursOf(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1).filter(isOurs);
}
