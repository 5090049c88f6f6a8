const SECOND_MS = 1000;

/** What rounding may make of a time. */
const ROUNDING_MS = 1e-6;

/** Lets `burst` connections in at once, and `perSecond` in a second after that: a bucket of tokens, of which is kept when it will be full again. */
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

  /** Takes a token; false if there is none. */
  take(): boolean {
    const now = this.#now();
    const fullAt = Math.max(this.#fullAt, now) + this.#intervalMs;
    if (fullAt - now > this.#burstMs) return false;
    this.#fullAt = fullAt;
    return true;
  }
}
