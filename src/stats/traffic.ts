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

  /** Adds what each of `sources` has counted until `now`, and what holds of it now. There may be very many. */
  add(sources: readonly TrafficSource[], now: number): void {
    let bytesIn = 0;
    let bytesOut = 0;
    let messagesIn = 0;
    let messagesOut = 0;
    let bytesQueued = 0;
    let peak = 0;
    for (const { reader, sender, pauses } of sources) {
      bytesIn += reader.bytesIn;
      messagesIn += reader.messagesIn;
      bytesOut += sender.bytesSent;
      messagesOut += sender.messagesOut;
      bytesQueued += sender.bytesQueued;
      if (sender.bytesQueuedPeak > peak) peak = sender.bytesQueuedPeak;
      if (pauses !== undefined) this.#addPauses(pauses, now);
    }
    this.#bytesIn += bytesIn;
    this.#bytesOut += bytesOut;
    this.#messagesIn += messagesIn;
    this.#messagesOut += messagesOut;
    this.#bytesQueued += bytesQueued;
    this.#seePeak(peak);
  }

  /** Adds what `source`, which is gone, has counted until `now`. */
  addPast({ reader, sender, pauses }: TrafficSource, now: number): void {
    this.#bytesIn += reader.bytesIn;
    this.#bytesOut += sender.bytesSent;
    this.#messagesIn += reader.messagesIn;
    this.#messagesOut += sender.messagesOut;
    this.#seePeak(sender.bytesQueuedPeak);
    if (pauses !== undefined) this.#addPauses(pauses, now);
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

  #addPauses(pauses: Pauses, now: number): void {
    this.#pauses += pauses.count;
    this.#pausedMs += pauses.msUntil(now);
    if (pauses.isPaused) this.#paused++;
  }

  #seePeak(peak: number): void {
    if (peak > this.#bytesQueuedPeak) this.#bytesQueuedPeak = peak;
  }
}
