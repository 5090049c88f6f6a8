/**
 * The options of groups.
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
  /** Encodes each message, once for all members. Without a codec, you send bytes. */
  readonly codec?: Pick<Codec<unknown, Sent>, "encode"> | undefined;
  /**
   * What happens to a slow member when something is sent. `"close"` removes it from
   * the group, and aborts its connection with `SlowMemberError` in the next turn.
   * `"skip"` does not send it this message. `"wait"` makes `send` throw
   * `SendQueueFullError`, and nobody gets the message; `whenReady` tells when to
   * send. Default `"close"`.
   */
  readonly slow?: "close" | "skip" | "wait" | undefined;
  /**
   * A member whose queue has more bytes than this is slow. So is one whose queue
   * would exceed its `maxSendQueue`. 0 to 2^30, default 1 MiB.
   */
  readonly highWaterMark?: number | undefined;
  /**
   * With `"skip"`: called for each member that has missed messages, in the turn
   * after, with their number. If it throws, that is logged.
   *
   * @param ctx The member, as it was added.
   * @param messageCount How many messages it has missed since the last call.
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
