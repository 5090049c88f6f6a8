import { SampledTimes, UNTIMED } from "./sampled_times.ts";
import type { RequestStats } from "./stats.ts";

/** What becomes of the requests of a runtime: of those that it makes, or of those that it serves. */
export class RequestTally {
  #begun = 0;
  #answered = 0;
  #failed = 0;
  readonly #times: SampledTimes;

  constructor(now: () => number) {
    this.#times = new SampledTimes(now);
  }

  /** One begins; returns what it is to end with. */
  begin(): number {
    this.#begun++;
    return this.#times.begin();
  }

  /** One is answered that has begun with `startedAt`. */
  answer(startedAt: number): void {
    this.#answered++;
    if (startedAt !== UNTIMED) this.#times.end(startedAt);
  }

  /** One ends without an answer, or with one that says so. */
  fail(): void {
    this.#failed++;
  }

  stats(): RequestStats {
    return {
      begun: this.#begun,
      answered: this.#answered,
      failed: this.#failed,
      inFlight: this.#begun - this.#answered - this.#failed,
      latency: this.#times.histogram.stats(),
    };
  }
}
