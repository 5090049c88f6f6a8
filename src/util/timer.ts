/**
 * A stopwatch.
 *
 * @module
 */

/**
 * A stopwatch with a target, on the monotonic clock.
 *
 * @example
 * ```ts
 * import { Timer } from "@reactio/reactio";
 *
 * const timer = new Timer(50);
 * while (!timer.isExpired) await timer.sleepOrExpire(10);
 * console.log(timer.elapsedMs >= 50); // true
 * ```
 *
 * @category Tools
 */
export class Timer {
  readonly #start = performance.now();
  readonly #target: number;

  /**
   * Starts now.
   *
   * @param durationMs Milliseconds until it expires.
   */
  constructor(durationMs: number) {
    this.#target = this.#start + durationMs;
  }

  /** True once the duration has passed. */
  get isExpired(): boolean {
    return performance.now() >= this.#target;
  }

  /** Milliseconds since the timer was made, with fractions. */
  get elapsedMs(): number {
    return performance.now() - this.#start;
  }

  /**
   * Sleeps, at most until the timer expires.
   *
   * @param durationMs Milliseconds.
   * @returns Resolves when they are over, or the timer expires.
   */
  sleepOrExpire(durationMs: number): Promise<void> {
    const left = this.#target - performance.now();
    const delay = Math.max(0, Math.min(durationMs, Math.ceil(left)));
    return new Promise((resolve) => setTimeout(resolve, delay));
  }
}
