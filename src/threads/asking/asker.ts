/**
 * Who asks a service.
 *
 * @module
 */

import { LazySignal } from "../../util/lazy_signal.ts";
import type { ThreadId } from "../thread_id.ts";

/**
 * Who asks or tells, as the service sees it.
 *
 * @category Threads
 */
export interface Asker {
  /** The thread that asks or tells. */
  readonly thread: ThreadId;
  /**
   * Aborted when nobody waits for the answer any more: the time limit is over,
   * the question was cancelled, or the asking thread has ended. The answer is
   * useless then, but until there is one, or a failure, the question counts as
   * unanswered. For a message: aborted when the thread that sent it ends before it
   * is done.
   */
  readonly signal: AbortSignal;
}

/** An {@linkcode Asker} whose signal can be aborted. */
export class PresentAsker extends LazySignal implements Asker {
  readonly thread: ThreadId;

  constructor(thread: ThreadId) {
    super();
    this.thread = thread;
  }
}
