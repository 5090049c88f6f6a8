/**
 * What groups are told.
 *
 * @module
 */

import {
  aFunction,
  choice,
  custom,
  integer,
  OptionTable,
} from "../../api/options/rules.ts";
import type { DispatchContext } from "../../api/reactor.ts";
import type { Codec } from "../../codec/codec.ts";
import { read } from "../../util/text.ts";

/**
 * Options of a {@linkcode ReactorGroup}.
 *
 * @category Reactors
 */
export interface ReactorGroupOptions<
  Sent = ArrayBufferView,
  Context = DispatchContext,
> {
  /** Writes what is sent, once for all members. Without one, what is sent are bytes. */
  readonly codec?: Pick<Codec<unknown, Sent>, "encode"> | undefined;
  /**
   * What becomes of a member that reads too slowly, when something is sent:
   * `"close"` aborts its connection with `SlowMemberError`, in the next turn, and
   * it is no member from now on; `"skip"` leaves this message out for it;
   * `"wait"` has `send` throw `SendQueueFullError`, and nobody gets the message:
   * `whenReady` tells when to send. Default `"close"`.
   */
  readonly slow?: "close" | "skip" | "wait" | undefined;
  /**
   * Bytes: a member with a longer queue when something is sent is slow; so is one
   * whose queue would become longer than its `maxSendQueue`. 0 to 2^30, default
   * 1 MiB.
   */
  readonly highWaterMark?: number | undefined;
  /**
   * With `"skip"`: told of members for which messages were left out, in the turn
   * after that, once for each with their number. What it throws is logged.
   *
   * @param ctx The member, as it was added.
   * @param messageCount How many messages it did not get since it was last told.
   */
  readonly onSkip?:
    | ((ctx: Context, messageCount: number) => void)
    | undefined;
}

/** The options of a group. */
export const REACTOR_GROUP_OPTIONS: OptionTable<ReactorGroupOptions<unknown>> =
  new OptionTable<ReactorGroupOptions<unknown>>({
    codec: custom<Pick<Codec<unknown, unknown>, "encode">>(
      "a codec",
      (value) => typeof read(value, "encode") === "function",
    ),
    slow: choice<"close" | "skip" | "wait">(
      ["close", "skip", "wait"],
      "close",
    ),
    highWaterMark: integer(0, 2 ** 30, 2 ** 20),
    onSkip: aFunction(() => {}),
  });
