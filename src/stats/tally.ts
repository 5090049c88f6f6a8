import { type DropReason, NO_DROPS } from "../api/drops.ts";
import { ErrorCounts } from "./error_counts.ts";
import type { ListenerStats } from "./stats.ts";
import { Traffic, type TrafficSource } from "./traffic.ts";

/** The key for connections that were closed cleanly. */
export const OK = "ok";

/** Counts the outcomes of connections: of a listener, or of a whole runtime. */
export class Tally {
  accepted = 0;
  readonly dropped: Record<DropReason, number> = { ...NO_DROPS };
  readonly #closed = new ErrorCounts();
  /** The traffic of closed connections. */
  readonly #past = new Traffic();

  /** Counts a closed connection; its traffic is final. */
  close(
    connection: TrafficSource,
    reason: Error | undefined,
    now: number,
  ): void {
    this.#closed.count(reason, OK);
    this.#past.addPast(connection, now);
  }

  /** All counts, with the traffic of the `open` connections. */
  stats(open: readonly TrafficSource[], now: number): ListenerStats {
    const traffic = new Traffic();
    traffic.addStats(this.#past.stats());
    traffic.add(open, now);
    return {
      accepted: this.accepted,
      open: open.length,
      dropped: { ...this.dropped },
      closed: this.#closed.stats(),
      ...traffic.stats(),
    };
  }
}
