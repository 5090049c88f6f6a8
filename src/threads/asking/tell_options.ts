/**
 * The options of a message to a service, and its result.
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
   * Buffers that are moved to the other thread, not copied: this thread has them
   * no more. Default `[]`. `NotTransferableError` if one cannot be moved.
   */
  readonly transfer?: readonly ArrayBuffer[] | undefined;
}

/** The options of a message. */
export const TELL_OPTIONS: OptionTable<TellOptions> = new OptionTable<
  TellOptions
>({ transfer: transferRule() });

/**
 * What `tell` did.
 *
 * @category Threads
 */
export const TellResult = {
  /** The message is on its way. */
  Sent: "sent",
  /** It was not sent: the thread has 2^16 messages of this one, or 64 MiB, that it is not done with. `whenRoom` tells when it has fewer. */
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
