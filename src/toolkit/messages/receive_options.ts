/**
 * How long to wait for a message.
 *
 * @module
 */

import { abortSignal, integer, OptionTable } from "../../api/options/rules.ts";
import { MAX_INT32 } from "../../util/limits.ts";

/**
 * Options of {@linkcode MessageConnection.receive}.
 *
 * @category Reactors
 */
export interface ReceiveOptions {
  /** Milliseconds until it fails with `ReceiveTimeoutError`. 0 to 2^31 - 1, default 0: never. */
  readonly timeoutMs?: number | undefined;
  /** When aborted, gives up with `ReceiveCancelledError`. */
  readonly signal?: AbortSignal | undefined;
}

/** The options of a receive. */
export const RECEIVE_OPTIONS: OptionTable<ReceiveOptions> = new OptionTable<
  ReceiveOptions
>({
  timeoutMs: integer(0, MAX_INT32, 0),
  signal: abortSignal(),
});
