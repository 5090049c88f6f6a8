/**
 * Who asks a service.
 *
 * @module
 */

import type { ThreadId } from "../thread_id.ts";

/**
 * Who asks, as the service that is asked sees it.
 *
 * @category Threads
 */
export interface Asker {
  /** The thread that asks. */
  readonly thread: ThreadId;
  /**
   * Aborted when nobody waits for the answer any more: the time limit is over,
   * the asker gave up, or its thread has ended. An answer is of no use then; but
   * until there is one, or a failure, the question counts among those that are
   * not answered.
   */
  readonly signal: AbortSignal;
}

/** An {@linkcode Asker}, who may leave. */
export class PresentAsker implements Asker {
  readonly thread: ThreadId;
  #hasLeft = false;
  /** Made when somebody looks. */
  #controller: AbortController | undefined = undefined;

  constructor(thread: ThreadId) {
    this.thread = thread;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#hasLeft) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  leave(): void {
    this.#hasLeft = true;
    this.#controller?.abort();
  }
}
