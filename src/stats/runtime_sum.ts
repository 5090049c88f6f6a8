import { bothTimes, noTimes } from "./histogram_sum.ts";
import {
  addAll,
  addTo,
  endedListener,
  ListenerSum,
  plus,
} from "./listener_sum.ts";
import type {
  CommandStats,
  ConnectStats,
  RequestStats,
  RuntimeStats,
  ServiceMessageStats,
} from "./stats.ts";

/** The keys of the figures of `T` that are plain numbers. */
type Numbers<T> = {
  -readonly [K in keyof T as T[K] extends number ? K : never]: number;
};

/** The sum of several runtimes' statistics. */
export class RuntimeSum {
  #uptimeMs = 0;
  readonly #connections = new ListenerSum();
  readonly #counts = { listeners: 0, bytesHeld: 0 };
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
  readonly #serviceMessages: Numbers<ServiceMessageStats> = {
    sent: 0,
    refused: 0,
    failed: 0,
  };
  readonly #requested = new RequestSum();
  readonly #served = new RequestSum();
  #handlerTime = noTimes();
  #turnTime = noTimes();
  #loopDelay = noTimes();

  add(stats: RuntimeStats): void {
    this.#uptimeMs = Math.max(this.#uptimeMs, stats.uptimeMs);
    this.#connections.add(stats);
    addTo(this.#counts, stats);
    addTo(this.#connects, stats.connects);
    addAll(this.#failedConnects, stats.connects.failed);
    addTo(this.#commands, stats.commands);
    addTo(this.#serviceMessages, stats.serviceMessages);
    this.#requested.add(stats.requested);
    this.#served.add(stats.served);
    this.#handlerTime = bothTimes(this.#handlerTime, stats.handlerTime);
    this.#turnTime = bothTimes(this.#turnTime, stats.turnTime);
    this.#loopDelay = bothTimes(this.#loopDelay, stats.loopDelay);
  }

  stats(): RuntimeStats {
    return {
      uptimeMs: this.#uptimeMs,
      ...this.#connections.stats(),
      ...this.#counts,
      connects: { ...this.#connects, failed: { ...this.#failedConnects } },
      commands: { ...this.#commands },
      serviceMessages: { ...this.#serviceMessages },
      requested: this.#requested.stats(),
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

/**
 * The final `stats` of a runtime that is gone: open connections count as
 * closed, and operations in progress as failed, with an error of the class
 * `how`.
 */
export function endedStats(stats: RuntimeStats, how: string): RuntimeStats {
  const { connects } = stats;
  return {
    ...endedListener(stats, how),
    uptimeMs: 0,
    listeners: 0,
    bytesHeld: 0,
    connects: {
      ...connects,
      underWay: 0,
      failed: plus(connects.failed, how, connects.underWay),
    },
    commands: { ...stats.commands, queued: 0, waiting: 0 },
    requested: endedRequests(stats.requested, how),
    served: endedRequests(stats.served, how),
  };
}

function endedRequests(stats: RequestStats, how: string): RequestStats {
  const { failed, inFlight } = stats;
  return { ...stats, inFlight: 0, failed: plus(failed, how, inFlight) };
}
