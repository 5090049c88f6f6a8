import { type DropReason, NO_DROPS } from "../api/drops.ts";
import { ErrorCounts } from "./error_counts.ts";
import type { ListenerStats } from "./stats.ts";
import { Traffic, type TrafficSource } from "./traffic.ts";

/** What connections are counted as that were closed cleanly. */
export const OK = "ok";

/** What becomes of connections: of a listener, or of all of a runtime. */
export class Tally {
  accepted = 0;
  readonly dropped: Record<DropReason, number> = { ...NO_DROPS };
  readonly #closed = new ErrorCounts();
  /** Of those that are closed. */
  readonly #past = new Traffic();

  /** A connection is gone, for `reason`: what it has counted is final. */
  close(
    connection: TrafficSource,
    reason: Error | undefined,
    now: number,
  ): void {
    this.#closed.count(reason, OK);
    this.#past.addPast(connection, now);
  }

  /** With the connections that are open. */
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
