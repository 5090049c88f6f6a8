/**
 * The clock of an adapter.
 *
 * @module
 */

import { MAX_INT32 } from "../util/limits.ts";

/**
 * The longest delay of a timer, milliseconds.
 *
 * @category Adapters
 */
export const LONGEST_DELAY_MS: number = MAX_INT32;

/**
 * A timer that {@linkcode Clock.setTimer} armed.
 *
 * @category Adapters
 */
export type TimerHandle = unknown;

/**
 * The clock of an adapter, and its timers.
 *
 * @category Adapters
 */
export interface Clock {
  /**
   * Milliseconds on a clock that never goes back, with fractions.
   *
   * @returns The time.
   */
  now(): number;

  /**
   * Milliseconds since 1970 on the wall clock, which may jump back or forward.
   *
   * @returns The time.
   */
  wallNow(): number;

  /**
   * Calls back once, not before `delayMs` (0 to {@linkcode LONGEST_DELAY_MS})
   * have passed. The timer keeps the process alive.
   *
   * @param callback What to call.
   * @param delayMs The delay in milliseconds.
   * @returns The timer.
   */
  setTimer(callback: () => void, delayMs: number): TimerHandle;

  /**
   * Disarms a timer. Has no effect after it has fired.
   *
   * @param timer What `setTimer` returned.
   */
  clearTimer(timer: TimerHandle): void;
}
