/**
 * The options of a question.
 *
 * @module
 */

import { abortSignal, integer, OptionTable } from "../../api/options/rules.ts";
import { MAX_INT32 } from "../../util/limits.ts";
import { transferRule } from "../link/moved_buffers.ts";

/**
 * Options of `ask`.
 *
 * @category Threads
 */
export interface AskOptions {
  /**
   * Milliseconds to wait for the answer, then `AskTimeoutError`. The asking
   * thread counts. 0 to 2^31 - 1, default 5000. 0: as long as both threads are
   * there.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Gives the question up when it is aborted: the promise rejects with the
   * reason of the signal, and the service is told by `from.signal`.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Buffers of the parameter that are moved to the other thread, not copied: this
   * thread has them no more, not even if it asks itself. Default `[]`.
   * `NotTransferableError` if one cannot be moved.
   */
  readonly transfer?: readonly ArrayBuffer[] | undefined;
}

/** The options of a question. */
export const ASK_OPTIONS: OptionTable<AskOptions> = new OptionTable<AskOptions>(
  {
    timeoutMs: integer(0, MAX_INT32, 5000),
    signal: abortSignal(),
    transfer: transferRule(),
  },
);
