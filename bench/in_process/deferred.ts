/**
 * Measures a million deferred commands with due times in random order: added,
 * fired, then added again to memory that exists already, and cancelled. Prints
 * a line of JSON.
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

/** Resolves when `count` more commands have fired. */
function untilFired(count: number): Promise<void> {
  firedUntil = fired + count;
  return new Promise((resolve) => onAll = resolve);
}

/** A delay in milliseconds that is long enough to add `count` commands. */
function soonest(count: number): number {
  return count / 200;
}

/**
 * The delay in milliseconds of command `i` of `count`: in random order, and not
 * before all have been added.
 */
function delayOf(i: number, count: number): number {
  return soonest(count) + (Math.imul(i, 2654435761) >>> 0) % SPREAD;
}

/** Adds commands. Returns nanoseconds per command. */
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

/** Fires commands once all are due. Resolves to nanoseconds per command. */
async function fireAll(count: number): Promise<number> {
  const all = untilFired(count);
  const due = performance.now() + soonest(count) + SPREAD;
  while (performance.now() < due) continue; // blocks the event loop until all are due
  const start = performance.now();
  await all;
  return (performance.now() - start) / count * 1e6;
}

/** Cancels commands. Returns nanoseconds per command. */
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
  // This one completes after all cancelled ones.
  runtime.cmdSender.sendUserCmd(reactorId, 0);
  await untilFired(1);
  const addAndFireNs = addNs + fireNs;
  return { addNs, fireNs, addAndFireNs, addAgainNs, cancelNs };
}

setLogLevel(LogLevel.Off);
await run(WARM_UP);
console.log(JSON.stringify(await run(COMMANDS)));
process.exit(0);
