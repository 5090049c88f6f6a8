/**
 * The statistics of runtimes, listeners and connections.
 *
 * @module
 */

import type { DropCounts } from "../api/drops.ts";
import type { HistogramStats } from "./histogram.ts";

/**
 * How many errors there were of each class that occurred. An error of the library
 * counts under its name, a subclass of your own under the library class it
 * extends, and anything else as `other`. So there is a bound, whatever a program
 * throws.
 *
 * @category Statistics
 */
export type ErrorCountsByClass = Readonly<Record<string, number>>;

/**
 * The traffic of a connection, or of several together.
 *
 * @category Statistics
 */
export interface TrafficStats {
  /** Bytes received until this end began to close, without those of a PROXY header; with TLS, after decryption. */
  readonly bytesIn: number;
  /** Bytes that the operating system accepted; with TLS, before encryption. */
  readonly bytesOut: number;
  /** Messages handled. Whatever one call of a handler drops counts as one. */
  readonly messagesIn: number;
  /** Sends accepted, whatever became of them. */
  readonly messagesOut: number;
  /** Bytes waiting to be sent now. */
  readonly bytesQueued: number;
  /** The most bytes that ever waited on one connection. */
  readonly bytesQueuedPeak: number;
  /** How often reading was paused: by the program, by a queue above its high-water mark, or while TLS was started later. */
  readonly pauses: number;
  /** How long reading was paused in all, in milliseconds, including pauses in progress. */
  readonly pausedMs: number;
  /** How many connections are paused now. */
  readonly paused: number;
}

/**
 * The statistics of a connection: {@linkcode ConnectionHandle.stats}. A plain
 * object; the counts only grow.
 *
 * @category Statistics
 */
export interface ConnectionStats extends TrafficStats {
  /** How long it has been open, or was, in milliseconds. */
  readonly openMs: number;
}

/**
 * The statistics of a listener and of the connections that it accepted:
 * {@linkcode ListenerHandle.stats}. A plain object; the counts only grow.
 *
 * @category Statistics
 */
export interface ListenerStats extends TrafficStats {
  /** Connections that were accepted and given a reactor. */
  readonly accepted: number;
  /** How many of those are open now. */
  readonly open: number;
  /** Connections that it dropped, by reason. Those that the handler refused with `null` do not count. */
  readonly dropped: DropCounts;
  /** How many of the accepted ones are closed: `ok` cleanly, others by the class of the reason. */
  readonly closed: ErrorCountsByClass;
}

/**
 * The connects of a runtime.
 *
 * @category Statistics
 */
export interface ConnectStats {
  /** Connects started. */
  readonly tried: number;
  /** Connects that succeeded, and whose connection was given to its reactor. */
  readonly opened: number;
  /** Connects that failed, by the class of the error. */
  readonly failed: ErrorCountsByClass;
  /** Connects that the program cancelled. */
  readonly cancelled: number;
  /** Connects in progress now. */
  readonly underWay: number;
}

/**
 * The commands of a runtime.
 *
 * @category Statistics
 */
export interface CommandStats {
  /** Commands executed. */
  readonly executed: number;
  /** Commands deferred. */
  readonly deferred: number;
  /** Commands due now but not executed yet. */
  readonly queued: number;
  /** Deferred commands that are not due yet. */
  readonly waiting: number;
}

/**
 * The messages that a thread sends to services without waiting for an answer:
 * `tell` of `ReactorThreads`. All zero in a runtime that is not a thread of a
 * {@linkcode ThreadedReactorMgr}.
 *
 * @category Statistics
 */
export interface ServiceMessageStats {
  /** Messages that it sent to services, of this or another thread. */
  readonly sent: number;
  /**
   * Messages that it could not send, because too many were unprocessed there,
   * or the thread was gone.
   */
  readonly refused: number;
  /**
   * Messages to services of this thread that failed: the service threw, or no
   * service has that name.
   */
  readonly failed: number;
}

/**
 * The requests of one client, of one server, or of a whole runtime. Each is
 * answered or fails, once.
 *
 * @category Statistics
 */
export interface RequestStats {
  /** Requests made or received, including those refused at once, for example because `maxQueue` others were waiting. */
  readonly begun: number;
  /** Requests answered. */
  readonly answered: number;
  /** Requests that failed, by the class of the error. On a client, that is what the caller got. On a server, it is what the handler threw, a timeout, or that the connection was gone before the answer. */
  readonly failed: ErrorCountsByClass;
  /** Requests in flight: neither answered nor failed yet. */
  readonly inFlight: number;
  /** How long answers took: a sample. */
  readonly latency: HistogramStats;
}

/**
 * The statistics of a request client: {@linkcode RequestClient.stats}. A plain
 * object; the counts only grow.
 *
 * @category Statistics
 */
export interface RequestClientStats extends RequestStats {
  /** Requests in flight that are waiting to be sent. */
  readonly queued: number;
  /** Requests that timed out but may still be answered on this connection. */
  readonly overdue: number;
  /** Answers that came when nobody waited for them any more. */
  readonly late: number;
  /** Messages that came in and answer no request. */
  readonly unsolicited: number;
}

/**
 * The statistics of a request server, over all its connections:
 * {@linkcode RequestServer.stats}. A plain object; the counts only grow.
 *
 * @category Statistics
 */
export interface RequestServerStats extends RequestStats {
  /**
   * Handlers running now, including those whose answer is no longer awaited.
   */
  readonly active: number;
  /** Answers that came when nobody waited for them any more. */
  readonly late: number;
}

/**
 * The statistics of a client that stays connected, over all its connections:
 * {@linkcode KeptConnection.stats}. A plain object; the counts only grow.
 *
 * @category Statistics
 */
export interface KeptConnectionStats extends TrafficStats {
  /** Its attempts to connect. */
  readonly connects: ConnectStats;
  /** Connections that are open now: one, or none. */
  readonly open: number;
  /** Connections closed: `ok` cleanly, others by the class of the reason. */
  readonly closed: ErrorCountsByClass;
}

/**
 * The statistics of a runtime: {@linkcode ReactRuntime.stats}. A plain object,
 * which can be sent to another thread or written as JSON. Counters only grow;
 * gauges go up and down.
 *
 * Every handler and every turn is timed while there are no more than about ten
 * thousand of them a second. Above that a random sample is timed, at least one in
 * 64.
 *
 * @category Statistics
 */
export interface RuntimeStats extends TrafficStats {
  /** Milliseconds since the runtime was created. */
  readonly uptimeMs: number;
  /** Listeners open now. */
  readonly listeners: number;
  /** Connections that are open now. */
  readonly open: number;
  /** Size of the buffers in use now, in bytes: what `maxBufferedBytes` bounds. */
  readonly bytesHeld: number;
  /** Connections that were accepted and given a reactor. */
  readonly accepted: number;
  /** Connections that its listeners dropped, by reason. */
  readonly dropped: DropCounts;
  /** Connections closed, whichever end opened them: `ok` cleanly, others by the class of the reason. */
  readonly closed: ErrorCountsByClass;
  /** The connects of this end. */
  readonly connects: ConnectStats;
  /** The commands sent to it. */
  readonly commands: CommandStats;
  /**
   * The messages that it sends to services, and those that its own services
   * receive.
   */
  readonly serviceMessages: ServiceMessageStats;
  /** The requests of all its {@linkcode RequestClient}s. */
  readonly requested: RequestStats;
  /** The requests to all its servers made by {@linkcode serve}. */
  readonly served: RequestStats;
  /** How long calls of handlers took: a sample. All messages of one read count as one call. */
  readonly handlerTime: HistogramStats;
  /** How long turns took: a sample. A turn serves commands and time limits, and writes. */
  readonly turnTime: HistogramStats;
  /**
   * How long it took from requesting a turn of the host to its start. A sample:
   * at least ten a second while anything comes in, in the minute after `stats`
   * was called.
   */
  readonly loopDelay: HistogramStats;
}

/**
 * The statistics of one thread: of its runtime, or of its part of a shared
 * listener.
 *
 * @category Statistics
 */
export interface ThreadStats<Stats = RuntimeStats> {
  /** The number of its runtime. */
  readonly runtimeId: number;
  /**
   * Its figures, including those from before it was restarted. If its worker died,
   * these are the last ones it reported: what was open then counts as closed with
   * `WorkerExitedError`, and what was in progress as failed.
   */
  readonly stats: Stats;
  /** False if it did not answer in time, or its worker died: then it may have counted more than this. */
  readonly isCurrent: boolean;
  /** How many of its workers died. What each counted after its last answer is lost. */
  readonly lostWorkers: number;
}

/**
 * The statistics of all threads: {@linkcode ThreadedReactorMgr.stats}, and
 * {@linkcode SharedListener.stats} for one address. Plain data.
 *
 * @category Statistics
 */
export interface ThreadsStats<Stats = RuntimeStats> {
  /** Each thread, by the number of its runtime. */
  readonly threads: readonly ThreadStats<Stats>[];
  /** The main thread, which sends commands, and drops connections that no thread takes. */
  readonly main: Stats;
  /** All of them together. `uptimeMs` and `bytesQueuedPeak` are the largest. */
  readonly total: Stats;
}

/**
 * Something with statistics: a {@linkcode ReactRuntime} or a
 * {@linkcode ThreadedReactorMgr}.
 *
 * @category Statistics
 */
export interface StatsSource {
  /**
   * Returns the statistics of now.
   *
   * @returns The figures; for threads, a promise of them.
   */
  stats(): RuntimeStats | Promise<ThreadsStats>;
}
