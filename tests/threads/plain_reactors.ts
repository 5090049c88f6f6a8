// Does not import mod.ts: hundreds of threads load this, and spend most of their time on loading.
import type { Reactor } from "../../src/api/reactor.ts";
import { MessageResult } from "../../src/api/message_result.ts";

/** A reactor that sends back what it receives. */
export function echo<UserCommand>(): Reactor<UserCommand> {
  return {
    onInboundMessage(buf, ctx) {
      ctx.sendOrQueue(buf);
      return MessageResult.dropMsgSize(buf.length);
    },
  };
}

/** A reactor that drops what it receives, with `handlers` added. */
export function sink<UserCommand>(
  handlers: Partial<Reactor<UserCommand>> = {},
): Reactor<UserCommand> {
  return {
    onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
    ...handlers,
  };
}
