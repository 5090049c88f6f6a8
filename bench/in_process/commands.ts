/**
 * Measures a million commands from one reactor to another in the same thread:
 * `commands.ts plain` or `commands.ts completion`. Prints a line of JSON.
 */

import process from "node:process";
import { type CommandCompletion, ReactRuntime } from "../../mod.ts";
import { connectPair } from "./pair.ts";

const COMMANDS = 1_000_000;
const WARM_UP = 100_000;

/** Commands that are queued at the same time. */
const BURST = 10_000;

const hasCompletion = process.argv.includes("completion");
const runtime = new ReactRuntime<number>();
let received = 0;
let expected = 0;
let onAll = () => {};
const { reactorId } = await connectPair(runtime, (cmd) => {
  if (cmd !== received) throw new Error(`Expected ${received}, got ${cmd}`);
  received++;
  if (!hasCompletion && received === expected) onAll();
});
let completed = 0;
const completion: CommandCompletion = (result) => {
  if (!result.ok) throw result.error;
  if (++completed === expected) onAll();
};
const options = { completion };

async function send(count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += BURST) {
    expected += BURST;
    for (let i = expected - BURST; i < expected; i++) {
      if (hasCompletion) runtime.cmdSender.sendUserCmd(reactorId, i, options);
      else runtime.cmdSender.sendUserCmd(reactorId, i);
    }
    await new Promise<void>((resolve) => onAll = resolve);
  }
}

await send(WARM_UP);
const cpuBefore = process.cpuUsage();
const start = performance.now();
await send(COMMANDS);
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
console.log(JSON.stringify({
  perSecond: COMMANDS / seconds,
  ns: seconds / COMMANDS * 1e9,
  cpuNs: (user + system) * 1000 / COMMANDS,
}));
process.exit(0);
