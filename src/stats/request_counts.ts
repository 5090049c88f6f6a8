import { ErrorCounts } from "./error_counts.ts";
import { Histogram } from "./histogram.ts";
import type { RequestStats } from "./stats.ts";

/** Counts the outcomes of requests: of a client, a server, or a whole runtime. */
export class RequestCounts {
  #begun = 0;
  #answered = 0;
  #failedCount = 0;
  readonly #failed = new ErrorCounts();
  /** The time until the answer, for those requests that were timed. */
  readonly latency: Histogram;

  constructor(latency: Histogram = new Histogram()) {
    this.latency = latency;
  }

  begin(): void {
    this.#begun++;
  }

  answer(): void {
    this.#answered++;
  }

  fail(error: unknown): void {
    this.#failedCount++;
    this.#failed.count(error);
  }

  stats(): RequestStats {
    return {
      begun: this.#begun,
      answered: this.#answered,
      failed: this.#failed.stats(),
      inFlight: this.#begun - this.#answered - this.#failedCount,
      latency: this.latency.stats(),
    };
  }
}
