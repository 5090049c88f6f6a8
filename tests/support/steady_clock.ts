import type { Clock, TimerHandle } from "../../mod.ts";

/** How long its timers wait at a time, in milliseconds. */
export const STEP_MS = 4;

/** The most that may pass from one reading to the next, in milliseconds. */
const LONGEST_MS = 2 * STEP_MS;

/** A timer of this clock, with the timer for its next step. */
interface SteadyTimer {
  step: ReturnType<typeof setTimeout> | undefined;
}

/**
 * The time that this process has had: a clock that stands still while the
 * machine does, or while it has no time for this process. Sockets are served
 * after every step of a timer. It never runs faster than other clocks.
 */
class SteadyClock implements Clock {
  #time = 0;
  #readAt = performance.now();

  now(): number {
    const readAt = performance.now();
    this.#time += Math.min(readAt - this.#readAt, LONGEST_MS);
    this.#readAt = readAt;
    return this.#time;
  }

  wallNow(): number {
    return Date.now();
  }

  setTimer(callback: () => void, delayMs: number): TimerHandle {
    const end = this.now() + delayMs;
    const wait = (ms: number) =>
      setTimeout(() => {
        const left = end - this.now();
        if (left > 0) timer.step = wait(left);
        else callback();
      }, Math.ceil(Math.min(ms, STEP_MS)));
    const timer: SteadyTimer = { step: undefined };
    timer.step = wait(delayMs);
    return timer;
  }

  clearTimer(timer: TimerHandle): void {
    clearTimeout((timer as SteadyTimer).step);
  }
}

/** The steady clock of this thread. */
export const steadyClock: Clock = new SteadyClock();
