import process from "node:process";
import { hostAdapter } from "../../mod.ts";

const RUNTIMES: readonly string[] = ["bun", "deno", "node"];

/** One runtime per engine; Node has the engine of Deno. */
export const ENGINES: readonly string[] = ["bun", "deno"];

/**
 * Set by scripts/run.mjs when it tests all runtimes. Otherwise a file plays
 * every seed.
 */
const isShared = process.env.REACTIO_SHARED !== undefined;

/**
 * True if this runtime should play `seed`. The result does not depend on the
 * runtime, as sim/runtimes.test.ts shows, so `players` share the seeds evenly,
 * and none is played twice.
 */
export function isOurs(seed: number, players = RUNTIMES): boolean {
  return !isShared || players[seed % players.length] === hostAdapter().name;
}

/** The seeds from 1 to `count` that this runtime should play. */
export function oursOf(count: number, players = RUNTIMES): number[] {
  return Array.from({ length: count }, (_, i) => i + 1)
    .filter((seed) => isOurs(seed, players));
}
