/**
 * Soaks the library on each runtime in turn: real sockets, mixed load, constant
 * faults. `npm run soak -- --help` shows the flags. All choices are derived
 * from the seed, but their timing is not.
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { type RuntimeName, RUNTIMES, soak } from "./conductor.ts";
import { format, verdict } from "./report.ts";

const USAGE = `npm run soak -- [flags]
  --minutes 3       in all, divided among the runtimes; each also takes some
                    seconds to come to rest
  --seed 1          what is done follows from it
  --runtime NAME    deno, bun or node only`;

const { values: flags } = parseArgs({
  options: {
    minutes: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
    runtime: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const minutes = Number(flags.minutes);
const seed = Number(flags.seed);
const runtimes = RUNTIMES.filter((name: RuntimeName) =>
  flags.runtime === undefined || flags.runtime === name
);
const isUsable = minutes > 0 && Number.isInteger(seed) && seed > 0 &&
  runtimes.length > 0;
if (flags.help || !isUsable) {
  console.log(USAGE);
  process.exit(flags.help ? 0 : 2);
}

const seconds = Math.round(minutes * 60 / runtimes.length);
for (const runtime of runtimes) {
  try {
    const report = await soak(runtime, seconds, seed);
    console.log(format(report).join("\n"));
    if (verdict(report).length > 0) process.exitCode = 1;
  } catch (error) {
    console.log(`${runtime}, seed ${seed}: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
