import { type DropReason, NO_DROPS } from "../api/drops.ts";
import { bothTimes, noTimes } from "./histogram_sum.ts";
import type {
  CommandStats,
  ConnectStats,
  ErrorCountsByClass,
  RequestStats,
  RuntimeStats,
} from "./stats.ts";
import { Traffic } from "./traffic.ts";

/** The keys of the figures of `T` that are plain numbers. */
type Numbers<T> = {
  -readonly [K in keyof T as T[K] extends number ? K : never]: number;
};

/** What several runtimes tell, together. */
export class RuntimeSum {
  #uptimeMs = 0;
  readonly #traffic = new Traffic();
  readonly #counts = { listeners: 0, open: 0, accepted: 0, bytesHeld: 0 };
  readonly #dropped: Record<DropReason, number> = { ...NO_DROPS };
  readonly #closed: Record<string, number> = {};
  readonly #connects: Numbers<ConnectStats> = {
    tried: 0,
    opened: 0,
    cancelled: 0,
    underWay: 0,
  };
  readonly #failedConnects: Record<string, number> = {};
  readonly #commands: Numbers<CommandStats> = {
    executed: 0,
    deferred: 0,
    queued: 0,
    waiting: 0,
  };
  readonly #asked = new RequestSum();
  readonly #served = new RequestSum();
  #handlerTime = noTimes();
  #turnTime = noTimes();
  #loopDelay = noTimes();

  add(stats: RuntimeStats): void {
    this.#uptimeMs = Math.max(this.#uptimeMs, stats.uptimeMs);
    this.#traffic.addStats(stats);
    addTo(this.#counts, stats);
    addTo(this.#dropped, stats.dropped);
    addAll(this.#closed, stats.closed);
    addTo(this.#connects, stats.connects);
    addAll(this.#failedConnects, stats.connects.failed);
    addTo(this.#commands, stats.commands);
    this.#asked.add(stats.asked);
    this.#served.add(stats.served);
    this.#handlerTime = bothTimes(this.#handlerTime, stats.handlerTime);
    this.#turnTime = bothTimes(this.#turnTime, stats.turnTime);
    this.#loopDelay = bothTimes(this.#loopDelay, stats.loopDelay);
  }

  stats(): RuntimeStats {
    return {
      uptimeMs: this.#uptimeMs,
      ...this.#traffic.stats(),
      ...this.#counts,
      dropped: { ...this.#dropped },
      closed: { ...this.#closed },
      connects: { ...this.#connects, failed: { ...this.#failedConnects } },
      commands: { ...this.#commands },
      asked: this.#asked.stats(),
      served: this.#served.stats(),
      handlerTime: this.#handlerTime,
      turnTime: this.#turnTime,
      loopDelay: this.#loopDelay,
    };
  }
}

class RequestSum {
  readonly #counts: Numbers<RequestStats> = {
    begun: 0,
    answered: 0,
    inFlight: 0,
  };
  readonly #failed: Record<string, number> = {};
  #latency = noTimes();

  add(stats: RequestStats): void {
    addTo(this.#counts, stats);
    addAll(this.#failed, stats.failed);
    this.#latency = bothTimes(this.#latency, stats.latency);
  }

  stats(): RequestStats {
    return {
      ...this.#counts,
      failed: { ...this.#failed },
      latency: this.#latency,
    };
  }
}

/** Adds the figures of `from` that `to` has. */
function addTo<To extends Record<string, number>>(
  to: To,
  from: { readonly [Key in keyof To]: number },
): void {
  for (const key of Object.keys(to)) {
    (to as Record<string, number>)[key] += from[key];
  }
}

/** Adds all figures of `from`. */
function addAll(to: Record<string, number>, from: ErrorCountsByClass): void {
  for (const [key, count] of Object.entries(from)) {
    to[key] = (to[key] ?? 0) + count;
  }
}

/** What `stats` of a runtime are now that it is gone, by an error of the class `how`: what was open is closed, and what was under way has failed. */
export function endedStats(stats: RuntimeStats, how: string): RuntimeStats {
  const { connects } = stats;
  return {
    ...stats,
    uptimeMs: 0,
    listeners: 0,
    open: 0,
    bytesHeld: 0,
    bytesQueued: 0,
    paused: 0,
    closed: plus(stats.closed, how, stats.open),
    connects: {
      ...connects,
      underWay: 0,
      failed: plus(connects.failed, how, connects.underWay),
    },
    commands: { ...stats.commands, queued: 0, waiting: 0 },
    asked: endedRequests(stats.asked, how),
    served: endedRequests(stats.served, how),
  };
}

function endedRequests(stats: RequestStats, how: string): RequestStats {
  const { failed, inFlight } = stats;
  return { ...stats, inFlight: 0, failed: plus(failed, how, inFlight) };
}

function plus(
  counts: ErrorCountsByClass,
  name: string,
  count: number,
): ErrorCountsByClass {
  if (count === 0) return counts;
  return { ...counts, [name]: (counts[name] ?? 0) + count };
}
