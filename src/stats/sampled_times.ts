import { Histogram } from "./histogram.ts";

/** What {@linkcode SampledTimes.begin} says of what is not timed. */
export const UNTIMED = -1;

/** From one that is timed to the next, milliseconds, if they come more often: so two looks at the clock cost no more than two or three thousandths of the time. */
const INTERVAL_MS = 0.1;

/** A burst of so many is timed before any is left out. */
const ROUND = 16;

/** One in so many is timed at least. */
const MAX_STRIDE = 64;

/**
 * Times something that may come very often: each of them as long as that is
 * seldom, else one in some, by chance, since a look at the clock costs as much as
 * a small message.
 */
export class SampledTimes {
  readonly histogram: Histogram = new Histogram();
  readonly #now: () => number;
  /** Every one is timed, however often they come. */
  timesAll = false;
  /** How many come until the next that is timed. */
  #left = 1;
  #stride = 1;
  #timedInRound = 0;
  #roundBeganAt = -Infinity;
  #chance = 1;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** One begins: returns when, or `UNTIMED`. */
  begin(): number {
    return --this.#left > 0 ? UNTIMED : this.#begin();
  }

  /** One ends that has begun at `startedAt`, not `UNTIMED`; returns how long it took. */
  end(startedAt: number): number {
    const ms = this.#now() - startedAt;
    this.histogram.record(ms);
    return ms;
  }

  #begin(): number {
    const now = this.#now();
    this.#adapt(now);
    this.#left = this.timesAll || this.#stride === 1 ? 1 : this.#draw();
    return now;
  }

  /** When a round has taken long, or is full, the next has as many left out as its rate says; twice as many at most. */
  #adapt(now: number): void {
    const elapsedMs = now - this.#roundBeganAt;
    const wantedMs = INTERVAL_MS * ++this.#timedInRound;
    if (elapsedMs < wantedMs && this.#timedInRound < ROUND) return;
    const wanted = Math.floor(
      this.#stride * Math.min(wantedMs / elapsedMs, 2),
    );
    this.#stride = Math.min(Math.max(wanted, 1), MAX_STRIDE);
    this.#timedInRound = 0;
    this.#roundBeganAt = now;
  }

  /** A number from 1 to twice the stride: what comes in turn is not to meet the same ones again and again. */
  #draw(): number {
    this.#chance = (Math.imul(this.#chance, 1664525) + 1013904223) | 0;
    return 1 + (this.#chance >>> 16) % (2 * this.#stride - 1);
  }
}
