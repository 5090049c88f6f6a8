/**
 * The identity of threads.
 *
 * @module
 */

import { textOf } from "../util/text.ts";

/**
 * A thread: the number of its runtime, or the main thread, which has the
 * `ThreadedReactorMgr` and no runtime of its own.
 *
 * @category Threads
 */
export type ThreadId = number | "main";

/** `thread` for messages. */
export function showThread(thread: ThreadId): string {
  return thread === "main" ? "the main thread" : `runtime ${textOf(thread)}`;
}
