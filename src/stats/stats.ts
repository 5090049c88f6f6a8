/**
 * What runtimes, listeners and connections tell of themselves.
 *
 * @module
 */

import type { DropCounts } from "../api/drops.ts";
import type { HistogramStats } from "./histogram.ts";

/**
 * How many errors there were of each class that occurred: a class of the library
 * by its name, and so what extends it; all others together as `other`. So it has
 * a bound, whatever a program throws.
 *
 * @category Statistics
 */
export type ErrorCountsByClass = Readonly<Record<string, number>>;

/**
 * What went through a connection, or through several together.
 *
 * @category Statistics
 */
export interface TrafficStats {
  /** Bytes that were received until this end began to close, without those of a PROXY header; of TLS, what was in it. */
  readonly bytesIn: number;
  /** Bytes that the system has taken to be sent; of TLS, what was in it. */
  readonly bytesOut: number;
  /** Messages that handlers have taken. Whatever one call of a handler drops counts as one. */
  readonly messagesIn: number;
  /** Sends that were accepted, whatever became of them. */
  readonly messagesOut: number;
  /** Bytes that are waiting to be sent now. */
  readonly bytesQueued: number;
  /** The most bytes that have ever waited at once in one connection. */
  readonly bytesQueuedPeak: number;
  /** How often reading was paused: by the program, by a queue above its high-water mark, or while TLS was started later. */
  readonly pauses: number;
  /** Milliseconds that reading was paused in all, pauses under way included. */
  readonly pausedMs: number;
  /** How many connections are paused now. */
  readonly paused: number;
}

/**
 * What a connection tells of itself: {@linkcode ConnectionHandle.stats}. A plain
 * object; the counts only grow.
 *
 * @category Statistics
 */
export interface ConnectionStats extends TrafficStats {
  /** Milliseconds since it was opened, until it was closed. */
  readonly openMs: number;
}

/**
 * What a listener tells of itself and of the connections that it has accepted:
 * {@linkcode ListenerHandle.stats}. A plain object; the counts only grow.
 *
 * @category Statistics
 */
export interface ListenerStats extends TrafficStats {
  /** Connections that were accepted and given a reactor. */
  readonly accepted: number;
  /** How many of those are open now. */
  readonly open: number;
  /** Connections that were dropped instead, by reason. Those that the handler refused by `null` do not count. */
  readonly dropped: DropCounts;
  /** How many of those accepted are closed: `ok` in good order, or by the class of the reason. */
  readonly closed: ErrorCountsByClass;
}

/**
 * The connects of a runtime.
 *
 * @category Statistics
 */
export interface ConnectStats {
  /** Connects that were begun. */
  readonly tried: number;
  /** Connects that succeeded, and whose connection was given to its reactor. */
  readonly opened: number;
  /** Connects that failed, by the class of the error. */
  readonly failed: ErrorCountsByClass;
  /** Connects that the program cancelled. */
  readonly cancelled: number;
  /** Connects under way now. */
  readonly underWay: number;
}

/**
 * The commands of a runtime.
 *
 * @category Statistics
 */
export interface CommandStats {
  /** Commands that were carried out. */
  readonly executed: number;
  /** Commands that were deferred. */
  readonly deferred: number;
  /** Commands that are due now. */
  readonly queued: number;
  /** Commands that wait for their time now. */
  readonly waiting: number;
}

/**
 * Requests: those that a client makes, or a server is asked, or all of a runtime.
 * Each is answered or fails, once.
 *
 * @category Statistics
 */
export interface RequestStats {
  /** Requests that were made, or came in; those included that were refused at once, because `maxQueue` others waited, for instance. */
  readonly begun: number;
  /** Requests that were answered. */
  readonly answered: number;
  /** Requests that failed, by the class of the error: what the caller got; what the handler threw, that it was too late, or that the connection was gone before it was answered. */
  readonly failed: ErrorCountsByClass;
  /** Requests that are neither, now. */
  readonly inFlight: number;
  /** How long it took to answer those that were: a sample. */
  readonly latency: HistogramStats;
}

/**
 * What a client tells of its requests: {@linkcode RequestClient.stats}. A plain
 * object; the counts only grow.
 *
 * @category Statistics
 */
export interface RequestClientStats extends RequestStats {
  /** Requests in flight that wait to be sent now. */
  readonly queued: number;
  /** Requests that timed out whose answer may still come on this connection. */
  readonly overdue: number;
  /** Answers that came when nobody waited for them any more. */
  readonly late: number;
  /** Messages that came in and answer no request. */
  readonly unsolicited: number;
}

/**
 * What a server tells of the requests of all its connections:
 * {@linkcode RequestServer.stats}. A plain object; the counts only grow.
 *
 * @category Statistics
 */
export interface RequestServerStats extends RequestStats {
  /** Handlers that are at work now, those included for whose answer nobody waits any more. */
  readonly active: number;
  /** Answers that came when nobody waited for them any more. */
  readonly late: number;
}

/**
 * What a client that stays connected tells of its connections, one after the
 * other: {@linkcode KeptConnection.stats}. A plain object; the counts only grow.
 *
 * @category Statistics
 */
export interface KeptConnectionStats extends TrafficStats {
  /** Its attempts to connect. */
  readonly connects: ConnectStats;
  /** Connections that are open now: one, or none. */
  readonly open: number;
  /** Connections that are closed: `ok` in good order, or by the class of the reason. */
  readonly closed: ErrorCountsByClass;
}

/**
 * What a runtime tells of itself: {@linkcode ReactRuntime.stats}. A plain object,
 * to be sent and to be written as JSON. Counts only grow; what there is now goes
 * up and down.
 *
 * Every handler and every turn is timed while there are no more than about ten
 * thousand of them a second; beyond that a sample is, at least one in 64.
 *
 * @category Statistics
 */
export interface RuntimeStats extends TrafficStats {
  /** Milliseconds since the runtime was made. */
  readonly uptimeMs: number;
  /** Listeners that there are now. */
  readonly listeners: number;
  /** Connections that are open now. */
  readonly open: number;
  /** Bytes of the buffers that hold something now: what `maxBufferedBytes` bounds. */
  readonly bytesHeld: number;
  /** Connections that were accepted and given a reactor. */
  readonly accepted: number;
  /** Connections that its listeners have dropped instead, by reason. */
  readonly dropped: DropCounts;
  /** Connections that are closed, accepted or opened by this end: `ok` in good order, or by the class of the reason. */
  readonly closed: ErrorCountsByClass;
  /** The connects of this end. */
  readonly connects: ConnectStats;
  /** The commands. */
  readonly commands: CommandStats;
  /** The requests that each {@linkcode RequestClient} has made. */
  readonly asked: RequestStats;
  /** The requests that {@linkcode serve} has had answered. */
  readonly served: RequestStats;
  /** How long handlers took, those for the messages of one read together: a sample. */
  readonly handlerTime: HistogramStats;
  /** How long turns took, in which commands and time limits are served: a sample. */
  readonly turnTime: HistogramStats;
  /** How long turns that were asked for had to wait while the host served others. A sample: at least ten a second while anything comes in, in the minute after `stats` was called. */
  readonly loopDelay: HistogramStats;
}

/**
 * What one thread tells: of its runtime, or of its part of a shared listener.
 *
 * @category Statistics
 */
export interface ThreadStats<Stats = RuntimeStats> {
  /** The number of its runtime. */
  readonly runtimeId: number;
  /**
   * What it tells, with those that were there before it was restarted. Of a worker
   * that has ended by itself it is what it told last: what was open then is closed
   * with `WorkerExitedError`, and what was under way has failed.
   */
  readonly stats: Stats;
  /** False if it has not answered in time, or its worker has ended by itself: then it may have counted more than is told. */
  readonly isCurrent: boolean;
  /** How many workers of it have ended without having stopped in good order. What each has counted after it was asked last, nobody knows. */
  readonly lostWorkers: number;
}

/**
 * What all threads tell: {@linkcode ThreadedReactorMgr.stats}, and
 * {@linkcode SharedListener.stats} of one address. Plain data.
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
 * Who tells what it has counted: a {@linkcode ReactRuntime}, or a
 * {@linkcode ThreadedReactorMgr}.
 *
 * @category Statistics
 */
export interface StatsSource {
  /**
   * Tells what it has counted.
   *
   * @returns What it is now; of threads, it has to be waited for.
   */
  stats(): RuntimeStats | Promise<ThreadsStats>;
}
