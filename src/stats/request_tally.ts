import type { Clock } from "../contract/clock.ts";
import { RequestCounts } from "./request_counts.ts";
import { SampledTimes, UNTIMED } from "./sampled_times.ts";
import type { RequestStats } from "./stats.ts";

/** Counts the requests that a runtime makes, or those that it serves. The client or server concerned also counts them as its own. */
export class RequestTally {
  readonly #times: SampledTimes;
  readonly #all: RequestCounts;

  constructor(clock: Pick<Clock, "now">) {
    this.#times = new SampledTimes(clock);
    this.#all = new RequestCounts(this.#times.histogram);
  }

  /** A request of `own` begins; returns its start time, to pass when it is answered. */
  begin(own: RequestCounts): number {
    this.#all.begin();
    own.begin();
    return this.#times.begin();
  }

  /** A request of `own`, begun at `startedAt`, is answered. */
  answer(own: RequestCounts, startedAt: number): void {
    this.#all.answer();
    own.answer();
    if (startedAt !== UNTIMED) own.latency.record(this.#times.end(startedAt));
  }

  /** A request of `own` ends because of `error`, without an answer or with one that reports it. */
  fail(own: RequestCounts, error: unknown): void {
    this.#all.fail(error);
    own.fail(error);
  }

  stats(): RequestStats {
    return this.#all.stats();
  }
}
