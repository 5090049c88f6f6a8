import { RequestCounts } from "./request_counts.ts";
import { SampledTimes, UNTIMED } from "./sampled_times.ts";
import type { RequestStats } from "./stats.ts";

/** What becomes of the requests of a runtime: of those that it makes, or of those that it serves. Whose they are, a client or a server, counts them as well. */
export class RequestTally {
  readonly #times: SampledTimes;
  readonly #all: RequestCounts;

  constructor(now: () => number) {
    this.#times = new SampledTimes(now);
    this.#all = new RequestCounts(this.#times.histogram);
  }

  /** One of `own` begins; returns what it is to be answered with. */
  begin(own: RequestCounts): number {
    this.#all.begin();
    own.begin();
    return this.#times.begin();
  }

  /** One of `own` is answered that has begun with `startedAt`. */
  answer(own: RequestCounts, startedAt: number): void {
    this.#all.answer();
    own.answer();
    if (startedAt !== UNTIMED) own.latency.record(this.#times.end(startedAt));
  }

  /** One of `own` ends without an answer, or with one that says so, because of `error`. */
  fail(own: RequestCounts, error: unknown): void {
    this.#all.fail(error);
    own.fail(error);
  }

  stats(): RequestStats {
    return this.#all.stats();
  }
}
