import { ConnectTally } from "./connect_tally.ts";
import { ErrorCounts } from "./error_counts.ts";
import type { KeptConnectionStats, TrafficStats } from "./stats.ts";
import { OK } from "./tally.ts";
import { Traffic } from "./traffic.ts";

/** Counts connections of which there is one at a time, each replacing the one before. */
export class KeptTally {
  readonly connects: ConnectTally = new ConnectTally();
  readonly #closed = new ErrorCounts();
  /** The traffic of closed connections. */
  readonly #past = new Traffic();

  /** Counts a closed connection, its reason and its final `stats`. */
  close(stats: TrafficStats, reason: Error | undefined): void {
    this.#closed.count(reason, OK);
    this.#past.addStats(stats);
  }

  /** All counts, including those of the open connection, if there is one. */
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
