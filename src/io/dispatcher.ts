import type { MessageResult } from "../api/message_result.ts";
import type { DispatchContext } from "../api/reactor.ts";

/** Decides what to do with the bytes of a message; see `Reactor.onInboundMessage`. */
export type MessageDispatcher<UserCommand> = (
  buf: Uint8Array,
  ctx: DispatchContext<UserCommand>,
  newBytes: number,
  decodedMsgSize: number,
) => MessageResult;

/** A reactor, or anything else with its `onInboundMessage`. */
export interface InboundHandler<UserCommand> {
  /** See `Reactor.onInboundMessage`. */
  onInboundMessage: MessageDispatcher<UserCommand>;
}

/** `dispatcher` as an object. */
export function asHandler<UserCommand>(
  dispatcher: InboundHandler<UserCommand> | MessageDispatcher<UserCommand>,
): InboundHandler<UserCommand> {
  return typeof dispatcher === "function"
    ? { onInboundMessage: dispatcher }
    : dispatcher;
}
