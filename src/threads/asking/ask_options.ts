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
   * How many milliseconds to wait for the answer, by the clock of the asking
   * thread; then the question fails with `AskTimeoutError`. 0 to 2^31 - 1, default
   * 5000. 0: no limit, as long as both threads exist.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Cancels the question when it is aborted: the promise rejects with the reason
   * of the signal, and `from.signal` of the service is aborted.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Buffers of the parameter that are transferred to the other thread instead of
   * being copied. They are detached here, even if this thread asks itself. Default
   * `[]`. `NotTransferableError` if one cannot be transferred.
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
