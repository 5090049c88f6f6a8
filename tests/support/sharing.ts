import process from "node:process";
import { hostAdapter } from "../../mod.ts";

const RUNTIMES: readonly string[] = ["bun", "deno", "node"];

/** One of each engine: Node's is that of Deno. */
export const ENGINES: readonly string[] = ["bun", "deno"];

/** Set by scripts/run.mjs when it tests all runtimes: a file that is run by itself plays every seed. */
const isShared = process.env.REACTIO_SHARED !== undefined;

/**
 * True if this runtime is to play `seed`. What a seed plays does not depend on
 * the runtime, as sim/runtimes.test.ts shows: each of `players` plays as many of
 * them, and none is played twice.
 */
export function isOurs(seed: number, players = RUNTIMES): boolean {
  return !isShared || players[seed % players.length] === hostAdapter().name;
}

/** Those of the seeds from 1 to `count` that this runtime is to play. */
export function oursOf(count: number, players = RUNTIMES): number[] {
  return Array.from({ length: count }, (_, i) => i + 1)
    .filter((seed) => isOurs(seed, players));
}
