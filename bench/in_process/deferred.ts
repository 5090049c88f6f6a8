/**
 * A million commands that wait for their times, which are not in order: added,
 * fired, then added again, to memory that is there already, and cancelled.
 * Prints a line of JSON.
 */

import process from "node:process";
import {
  type CommandId,
  Deferred,
  INVALID_COMMAND_ID,
  LogLevel,
  ReactRuntime,
  setLogLevel,
} from "../../mod.ts";
import { connectPair } from "./pair.ts";

const COMMANDS = 1_000_000;
const WARM_UP = 50_000;

/** Milliseconds from the first due time to the last. */
const SPREAD = 1000;

const runtime = new ReactRuntime<number>();
let fired = 0;
let firedUntil = 0;
let onAll = () => {};
const { reactorId } = await connectPair(runtime, () => {
  if (++fired === firedUntil) onAll();
});

/** Resolves when this many more commands have fired. */
function untilFired(count: number): Promise<void> {
  firedUntil = fired + count;
  return new Promise((resolve) => onAll = resolve);
}

/** Milliseconds that are enough to add this many commands. */
function soonest(count: number): number {
  return count / 200;
}

/** Milliseconds after which command `i` of `count` is due: in no particular order, and not before all have been added. */
function delayOf(i: number, count: number): number {
  return soonest(count) + (Math.imul(i, 2654435761) >>> 0) % SPREAD;
}

/** Nanoseconds to add a command. */
function add(count: number, ids?: CommandId[]): number {
  const { cmdSender } = runtime;
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    const id = cmdSender.sendUserCmd(reactorId, 0, {
      deferred: Deferred.after(delayOf(i, count)),
    });
    if (id === INVALID_COMMAND_ID) throw new Error("A command was refused");
    ids?.push(id);
  }
  return (performance.now() - start) / count * 1e6;
}

/** Nanoseconds to fire a command, once all are due. */
async function fireAll(count: number): Promise<number> {
  const all = untilFired(count);
  const due = performance.now() + soonest(count) + SPREAD;
  while (performance.now() < due) continue; // the loop has no turn meanwhile
  const start = performance.now();
  await all;
  return (performance.now() - start) / count * 1e6;
}

/** Nanoseconds to cancel a command. */
function cancelAll(ids: CommandId[]): number {
  const { cmdSender } = runtime;
  const start = performance.now();
  for (const id of ids) {
    if (!cmdSender.cancel(id)) throw new Error("A command was not cancelled");
  }
  return (performance.now() - start) / ids.length * 1e6;
}

async function run(count: number) {
  const addNs = add(count);
  const fireNs = await fireAll(count);
  const ids: CommandId[] = [];
  const addAgainNs = add(count, ids);
  const cancelNs = cancelAll(ids);
  // Completes after all the cancelled ones.
  runtime.cmdSender.sendUserCmd(reactorId, 0);
  await untilFired(1);
  const addAndFireNs = addNs + fireNs;
  return { addNs, fireNs, addAndFireNs, addAgainNs, cancelNs };
}

setLogLevel(LogLevel.Off);
await run(WARM_UP);
console.log(JSON.stringify(await run(COMMANDS)));
process.exit(0);
