/**
 * Soaks the library on each runtime in turn: floods first, then real sockets
 * under mixed load and constant faults. `npm run soak -- --help` shows the
 * flags. All choices are derived from the seed, but their timing is not.
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { flood, type RuntimeName, RUNTIMES, soak } from "./conductor.ts";
import { type FloodReport, format, formatFloods, verdict } from "./report.ts";

const USAGE = `npm run soak -- [flags]
  --minutes 3       in all, divided among the runtimes; each also takes some
                    seconds to come to rest
  --seed 1          what is done follows from it
  --runtime NAME    deno, bun or node only
  --flood SEED      this flood only, once`;

/** How much of the time of a runtime goes to floods. */
const FLOODS_SHARE = 0.25;

const { values: flags } = parseArgs({
  options: {
    minutes: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
    runtime: { type: "string" },
    flood: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const minutes = Number(flags.minutes);
const seed = Number(flags.seed);
const runtimes = RUNTIMES.filter((name: RuntimeName) =>
  flags.runtime === undefined || flags.runtime === name
);
const floodSeed = Number(flags.flood ?? 0);
const isUsable = minutes > 0 && isSeed(seed) && runtimes.length > 0 &&
  (flags.flood === undefined || isSeed(floodSeed));
if (flags.help || !isUsable) {
  console.log(USAGE);
  process.exit(flags.help ? 0 : 2);
}

const seconds = minutes * 60 / runtimes.length;
for (const runtime of runtimes) {
  if (flags.flood !== undefined) {
    await playFloods(runtime, floodSeed, 0);
  } else {
    await playFloods(runtime, seed * 1000, seconds * FLOODS_SHARE);
    await playSoak(runtime, Math.round(seconds * (1 - FLOODS_SHARE)));
  }
}

function isSeed(value: number): boolean {
  return Number.isInteger(value) && value > 0;
}

/** Plays floods for `seconds`, and at least the one with the seed `first`. */
async function playFloods(
  runtime: RuntimeName,
  first: number,
  seconds: number,
): Promise<void> {
  const reports: FloodReport[] = [];
  const end = performance.now() + seconds * 1000;
  let next = first;
  do {
    try {
      reports.push(await flood(runtime, next));
    } catch (error) {
      fail(`${runtime}, flood ${next}: ${(error as Error).message}`);
    }
    next++;
  } while (performance.now() < end);
  if (reports.length === 0) return;
  console.log(formatFloods(reports).join("\n"));
  if (reports.some(({ brokenCount }) => brokenCount > 0)) process.exitCode = 1;
}

async function playSoak(runtime: RuntimeName, seconds: number): Promise<void> {
  try {
    const report = await soak(runtime, seconds, seed);
    console.log(format(report).join("\n"));
    if (verdict(report).length > 0) process.exitCode = 1;
  } catch (error) {
    fail(`${runtime}, seed ${seed}: ${(error as Error).message}`);
  }
}

function fail(what: string): void {
  console.log(what);
  process.exitCode = 1;
}
