const SECOND_MS = 1000;

/** The largest rounding error of a time, in milliseconds. */
const ROUNDING_MS = 1e-6;

/**
 * Admits `burst` connections at once, and then `perSecond` per second: a token
 * bucket, stored as the time at which it will be full again.
 */
export class AcceptRate {
  readonly #intervalMs: number;
  readonly #burstMs: number;
  readonly #now: () => number;
  #fullAt = -Infinity;

  constructor(perSecond: number, burst: number, now: () => number) {
    this.#intervalMs = SECOND_MS / perSecond;
    this.#burstMs = burst * this.#intervalMs + ROUNDING_MS;
    this.#now = now;
  }

  /** Takes a token. Returns false if there is none. */
  take(): boolean {
    const now = this.#now();
    const fullAt = Math.max(this.#fullAt, now) + this.#intervalMs;
    if (fullAt - now > this.#burstMs) return false;
    this.#fullAt = fullAt;
    return true;
  }
}
