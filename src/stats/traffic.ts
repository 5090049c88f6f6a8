import type { Pauses } from "./pauses.ts";
import type { TrafficStats } from "./stats.ts";

/** The traffic counters of a connection. */
export interface TrafficSource {
  readonly reader: {
    readonly bytesIn: number;
    readonly messagesIn: number;
  };
  readonly sender: {
    readonly bytesSent: number;
    readonly messagesOut: number;
    readonly bytesQueued: number;
    readonly bytesQueuedPeak: number;
  };
  /** Undefined if it was never paused. */
  readonly pauses: Pauses | undefined;
}

const NONE: TrafficStats = {
  bytesIn: 0,
  bytesOut: 0,
  messagesIn: 0,
  messagesOut: 0,
  bytesQueued: 0,
  bytesQueuedPeak: 0,
  pauses: 0,
  pausedMs: 0,
  paused: 0,
};

/** The sum of the traffic of several connections. */
export class Traffic {
  readonly #sum: { -readonly [Name in keyof TrafficStats]: number } = {
    ...NONE,
  };

  /**
   * Adds the counters and the current state of open connections. Works for any
   * number of `sources`.
   */
  add(sources: readonly TrafficSource[], now: number): void {
    for (const source of sources) {
      this.addPast(source, now);
      this.#sum.bytesQueued += source.sender.bytesQueued;
    }
  }

  /** Adds the counters of `source` up to `now`. */
  addPast({ reader, sender, pauses }: TrafficSource, now: number): void {
    const sum = this.#sum;
    sum.bytesIn += reader.bytesIn;
    sum.bytesOut += sender.bytesSent;
    sum.messagesIn += reader.messagesIn;
    sum.messagesOut += sender.messagesOut;
    sum.bytesQueuedPeak = Math.max(
      sum.bytesQueuedPeak,
      sender.bytesQueuedPeak,
    );
    if (pauses === undefined) return;
    sum.pauses += pauses.count;
    sum.pausedMs += pauses.msUntil(now);
    if (pauses.isPaused) sum.paused++;
  }

  /** Adds statistics that are already summed. */
  addStats(stats: TrafficStats): void {
    const sum = this.#sum;
    const peak = Math.max(sum.bytesQueuedPeak, stats.bytesQueuedPeak);
    for (const name of Object.keys(NONE) as (keyof TrafficStats)[]) {
      sum[name] += stats[name];
    }
    sum.bytesQueuedPeak = peak;
  }

  stats(): TrafficStats {
    return { ...this.#sum };
  }
}
