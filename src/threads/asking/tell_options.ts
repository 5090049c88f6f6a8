/**
 * The options and results of sending a message to a service.
 *
 * @module
 */

import { OptionTable } from "../../api/options/rules.ts";
import { transferRule } from "../link/moved_buffers.ts";

/**
 * Options of `tell`.
 *
 * @category Threads
 */
export interface TellOptions {
  /**
   * Buffers that are transferred to the other thread instead of being copied.
   * They are detached here. Default `[]`. `NotTransferableError` if one cannot be
   * transferred.
   */
  readonly transfer?: readonly ArrayBuffer[] | undefined;
}

/** The options of a message. */
export const TELL_OPTIONS: OptionTable<TellOptions> = new OptionTable<
  TellOptions
>({ transfer: transferRule() });

/**
 * What `tell` returns.
 *
 * @category Threads
 */
export const TellResult = {
  /** The message is on its way. */
  Sent: "sent",
  /** It was not sent: 2^16 messages from this thread to that one, or 64 MiB, are not done. `whenRoom` resolves when there is room. */
  Full: "full",
  /** It was not sent: the thread has ended, or all were stopped. */
  Gone: "gone",
} as const;

/**
 * One of the values of {@linkcode (TellResult:variable)}.
 *
 * @category Threads
 */
export type TellResult = typeof TellResult[keyof typeof TellResult];
