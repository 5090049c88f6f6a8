/**
 * The options of asking all threads for their statistics.
 *
 * @module
 */

import { integer, OptionTable } from "../api/options/rules.ts";
import { MAX_INT32 } from "../util/limits.ts";

/**
 * Options of {@linkcode ThreadedReactorMgr.stats}, and of
 * {@linkcode SharedListener.stats}.
 *
 * @category Statistics
 */
export interface ThreadsStatsOptions {
  /** How many milliseconds to wait for the threads. 1 to 2^31 - 1, default 1000. */
  readonly timeoutMs?: number | undefined;
}

/** The options of {@linkcode ThreadedReactorMgr.stats}. */
export const THREADS_STATS_OPTIONS: OptionTable<ThreadsStatsOptions> =
  new OptionTable<ThreadsStatsOptions>({
    timeoutMs: integer(1, MAX_INT32, 1000),
  });
