import { ErrorCounts } from "./error_counts.ts";
import type { ConnectStats } from "./stats.ts";

/** Counts the outcomes of a runtime's connects. */
export class ConnectTally {
  opened = 0;
  cancelled = 0;
  #tried = 0;
  #failedCount = 0;
  readonly #failed = new ErrorCounts();

  begin(): void {
    this.#tried++;
  }

  fail(error: Error): void {
    this.#failedCount++;
    this.#failed.count(error);
  }

  stats(): ConnectStats {
    const ended = this.opened + this.cancelled + this.#failedCount;
    return {
      tried: this.#tried,
      opened: this.opened,
      failed: this.#failed.stats(),
      cancelled: this.cancelled,
      underWay: this.#tried - ended,
    };
  }
}
