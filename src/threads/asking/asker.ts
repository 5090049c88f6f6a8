/**
 * Who asks a service, as that sees it.
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
   * the asker gave up, or its thread has ended. An answer is of no use then; but
   * until there is one, or a failure, the question counts among those that are
   * not answered. For a message: aborted when the thread that told it ends before
   * it is done.
   */
  readonly signal: AbortSignal;
}

/** An {@linkcode Asker}, whose signal is aborted when it leaves. */
export class PresentAsker extends LazySignal implements Asker {
  readonly thread: ThreadId;

  constructor(thread: ThreadId) {
    super();
    this.thread = thread;
  }
}
