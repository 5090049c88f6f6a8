import { ConnectTally } from "./connect_tally.ts";
import { ErrorCounts } from "./error_counts.ts";
import type { KeptConnectionStats, TrafficStats } from "./stats.ts";
import { OK } from "./tally.ts";
import { Traffic } from "./traffic.ts";

/** What becomes of connections of which there is one at a time, each in the place of the one before. */
export class KeptTally {
  readonly connects: ConnectTally = new ConnectTally();
  readonly #closed = new ErrorCounts();
  /** Of those that are closed. */
  readonly #past = new Traffic();

  /** One is gone, for `reason`, and `stats` is what there was in all. */
  close(stats: TrafficStats, reason: Error | undefined): void {
    this.#closed.count(reason, OK);
    this.#past.addStats(stats);
  }

  /** With what the one tells that is open, if there is one. */
  stats(open: TrafficStats | undefined): KeptConnectionStats {
    const traffic = new Traffic();
    traffic.addStats(this.#past.stats());
    if (open !== undefined) traffic.addStats(open);
    return {
      connects: this.connects.stats(),
      open: open === undefined ? 0 : 1,
      closed: this.#closed.stats(),
      ...traffic.stats(),
    };
  }
}
