import type { Pauses } from "./pauses.ts";
import type { TrafficStats } from "./stats.ts";

/** What a connection knows of its traffic. */
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

/** The traffic of connections together. */
export class Traffic {
  #bytesIn = 0;
  #bytesOut = 0;
  #messagesIn = 0;
  #messagesOut = 0;
  #bytesQueued = 0;
  #bytesQueuedPeak = 0;
  #pauses = 0;
  #pausedMs = 0;
  #paused = 0;

  /** Adds what `source` has counted until `now`, and what holds of it now. */
  add(source: TrafficSource, now: number): void {
    this.addPast(source, now);
    this.#bytesQueued += source.sender.bytesQueued;
    if (source.pauses?.isPaused) this.#paused++;
  }

  /** Adds what `source`, which is gone, has counted until `now`. */
  addPast({ reader, sender, pauses }: TrafficSource, now: number): void {
    this.#bytesIn += reader.bytesIn;
    this.#bytesOut += sender.bytesSent;
    this.#messagesIn += reader.messagesIn;
    this.#messagesOut += sender.messagesOut;
    this.#seePeak(sender.bytesQueuedPeak);
    if (pauses === undefined) return;
    this.#pauses += pauses.count;
    this.#pausedMs += pauses.msUntil(now);
  }

  /** Adds what others have counted. */
  addStats(stats: TrafficStats): void {
    this.#bytesIn += stats.bytesIn;
    this.#bytesOut += stats.bytesOut;
    this.#messagesIn += stats.messagesIn;
    this.#messagesOut += stats.messagesOut;
    this.#bytesQueued += stats.bytesQueued;
    this.#seePeak(stats.bytesQueuedPeak);
    this.#pauses += stats.pauses;
    this.#pausedMs += stats.pausedMs;
    this.#paused += stats.paused;
  }

  stats(): TrafficStats {
    return {
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      messagesIn: this.#messagesIn,
      messagesOut: this.#messagesOut,
      bytesQueued: this.#bytesQueued,
      bytesQueuedPeak: this.#bytesQueuedPeak,
      pauses: this.#pauses,
      pausedMs: this.#pausedMs,
      paused: this.#paused,
    };
  }

  #seePeak(peak: number): void {
    if (peak > this.#bytesQueuedPeak) this.#bytesQueuedPeak = peak;
  }
}
