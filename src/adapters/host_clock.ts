import type { Clock } from "../contract/clock.ts";
import { outsideAsyncContext } from "./async_context.ts";

/** The clock of the current runtime. */
export const hostClock: Clock = {
  now: () => performance.now(),

  wallNow: () => Date.now(),

  setTimer: (callback, delayMs) =>
    outsideAsyncContext(setTimeout, callback, Math.ceil(delayMs)),

  clearTimer: (timer) => clearTimeout(timer as number),
};
