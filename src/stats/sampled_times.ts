import type { Clock } from "../contract/clock.ts";
import { Histogram } from "./histogram.ts";
import { LARGEST_STRIDE, TIMED_APART_MS, TIMED_PER_ROUND } from "../tuning.ts";

/**
 * The result of {@linkcode SampledTimes.begin} for an occurrence that is not
 * timed.
 */
export const UNTIMED = -1;

/**
 * Times something that may happen very often: every occurrence while they are rare,
 * otherwise a random sample, since reading the clock costs as much as a small
 * message.
 */
export class SampledTimes {
  readonly histogram: Histogram = new Histogram();
  readonly #clock: Pick<Clock, "now">;
  /** While it has subscribers, every occurrence is timed, however frequent. */
  channel: { readonly hasSubscribers: boolean } | undefined = undefined;
  /** How many occurrences remain until the next one that is timed. */
  #left = 1;
  #stride = 1;
  #timedInRound = 0;
  #roundBeganAt = -Infinity;
  #chance = 1;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** An occurrence begins; returns its start time, or `UNTIMED`. */
  begin(): number {
    return --this.#left > 0 ? UNTIMED : this.#begin();
  }

  /** An occurrence that began at `startedAt`, not `UNTIMED`, ends; returns its duration. */
  end(startedAt: number): number {
    const ms = this.#clock.now() - startedAt;
    this.histogram.record(ms);
    return ms;
  }

  /** Times one. Once a round is long enough or full, its rate decides how many the next one skips; at most twice as many. */
  #begin(): number {
    const now = this.#clock.now();
    const elapsedMs = now - this.#roundBeganAt;
    const wantedMs = TIMED_APART_MS * ++this.#timedInRound;
    if (elapsedMs >= wantedMs || this.#timedInRound >= TIMED_PER_ROUND) {
      const wanted = Math.floor(
        this.#stride * Math.min(wantedMs / elapsedMs, 2),
      );
      this.#stride = Math.min(Math.max(wanted, 1), LARGEST_STRIDE);
      this.#timedInRound = 0;
      this.#roundBeganAt = now;
    }
    const isNext = this.#stride === 1 || this.channel?.hasSubscribers;
    this.#left = isNext ? 1 : this.#draw();
    return now;
  }

  /** A number from 1 to twice the stride: random, so that a periodic pattern does not always have the same part timed. */
  #draw(): number {
    this.#chance = (Math.imul(this.#chance, 1664525) + 1013904223) | 0;
    return 1 + (this.#chance >>> 16) % (2 * this.#stride - 1);
  }
}
