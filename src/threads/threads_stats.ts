/**
 * What all threads tell of themselves.
 *
 * @module
 */

import { integer, OptionTable } from "../api/option_rules.ts";
import type { RuntimeStats } from "../stats/stats.ts";
import { MAX_INT32 } from "../util/limits.ts";

/**
 * Options of {@linkcode ThreadedReactorMgr.stats}.
 *
 * @category Statistics
 */
export interface ThreadsStatsOptions {
  /** Milliseconds that threads are given to answer. 1 to 2^31 - 1, default 1000. */
  readonly timeoutMs?: number | undefined;
}

/** The options of {@linkcode ThreadedReactorMgr.stats}. */
export const THREADS_STATS_OPTIONS: OptionTable<ThreadsStatsOptions> =
  new OptionTable<ThreadsStatsOptions>({
    timeoutMs: integer(1, MAX_INT32, 1000),
  });

/**
 * What one thread tells.
 *
 * @category Statistics
 */
export interface ThreadStats {
  /** The number of its runtime. */
  readonly runtimeId: number;
  /**
   * What its runtime tells, with those that were there before it was restarted.
   * Of a worker that has ended by itself it is what it told last: what was open
   * then is closed with `WorkerExitedError`, and what was under way has failed.
   */
  readonly stats: RuntimeStats;
  /** False if it has not answered in time, or its worker has ended by itself: then it may have counted more than is told. */
  readonly isCurrent: boolean;
  /** How many workers of it have ended without having stopped in good order. What each has counted after it was asked last, nobody knows. */
  readonly lostWorkers: number;
}

/**
 * What all threads tell: {@linkcode ThreadedReactorMgr.stats}. Plain data.
 *
 * @category Statistics
 */
export interface ThreadsStats {
  /** Each thread, by the number of its runtime. */
  readonly threads: readonly ThreadStats[];
  /** The main thread, which sends commands, and drops connections that no thread takes. */
  readonly main: RuntimeStats;
  /** All of them together. `uptimeMs` and `bytesQueuedPeak` are the largest. */
  readonly total: RuntimeStats;
}
