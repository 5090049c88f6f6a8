/**
 * Measures scheduled calls by `runtime.after` and by the host's `setTimeout`:
 * many at once, made and cancelled in random order, then fired; and one time
 * limit after another, as for requests, each cancelled before the next. Prints
 * a line of JSON: nanoseconds of processor time per call.
 */

import process from "node:process";
import { ReactRuntime } from "../../mod.ts";

const CALLS = 100_000;
const WARM_UP = 20_000;
const ROUNDS = 7;

/** Milliseconds until the first call is due, and from the first to the last. */
const SOONEST = 500;
const SPREAD = 1000;

/** Schedules and cancels calls. */
interface CallScheduler<Call> {
  after(delayMs: number, callback: () => void): Call;
  cancel(call: Call): void;
}

/** Milliseconds after which call `i` is due. */
function delayOf(i: number): number {
  return SOONEST + (Math.imul(i, 2654435761) >>> 0) % SPREAD;
}

/** Processor time of this process so far, in nanoseconds. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

function perCall(start: number, count: number): number {
  return Math.round((processorTime() - start) / count);
}

async function run<Call>(
  scheduler: CallScheduler<Call>,
  count: number,
): Promise<Round> {
  let fired = 0;
  let onAll = () => {};
  const callback = () => {
    if (++fired === count) onAll();
  };
  const calls: Call[] = [];
  const start = processorTime();
  for (let i = 0; i < count; i++) {
    calls.push(scheduler.after(delayOf(i), callback));
  }
  const makeNs = perCall(start, count);
  const cancelling = processorTime();
  for (const call of calls) scheduler.cancel(call);
  const cancelNs = perCall(cancelling, count);

  const limiting = processorTime();
  for (let i = 0; i < count; i++) {
    scheduler.cancel(scheduler.after(SOONEST, callback));
  }
  const limitNs = perCall(limiting, count);

  for (let i = 0; i < count; i++) scheduler.after(delayOf(i), callback);
  const due = performance.now() + SOONEST + SPREAD;
  while (performance.now() < due) continue; // blocks the event loop until all are due
  const firing = processorTime();
  await new Promise<void>((resolve) => onAll = resolve);
  const fireNs = perCall(firing, count);
  return { makeNs, cancelNs, limitNs, fireNs };
}

/** Nanoseconds per call. */
type Round = Record<"makeNs" | "cancelNs" | "limitNs" | "fireNs", number>;

/**
 * Returns the minimum of several rounds, since other load on the machine only
 * adds time.
 */
async function measure<Call>(scheduler: CallScheduler<Call>): Promise<Round> {
  await run(scheduler, WARM_UP);
  const rounds: Round[] = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push(await run(scheduler, CALLS));
  const of = (name: keyof Round) =>
    Math.min(...rounds.map((round) => round[name]));
  return {
    makeNs: of("makeNs"),
    cancelNs: of("cancelNs"),
    limitNs: of("limitNs"),
    fireNs: of("fireNs"),
  };
}

const runtime = new ReactRuntime();
const after = await measure({
  after: (delayMs, callback) => runtime.after(delayMs, callback),
  cancel: (call) => call.cancel(),
});
const setTimeout = await measure({
  after: (delayMs, callback) => globalThis.setTimeout(callback, delayMs),
  cancel: (timer) => clearTimeout(timer),
});
console.log(JSON.stringify({ after, setTimeout }));
process.exit(0);
