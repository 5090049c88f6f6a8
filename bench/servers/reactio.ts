/** Framed echo, or a sink of messages, on Reactio: a callback per message, flushed by the turn. */

import {
  DefaultTcpListenerHandler,
  type DispatchContext,
  hostAdapter,
  MessageResult,
  nodeAdapter,
  type Reactor,
  ReactRuntime,
} from "../../mod.ts";
import { HEADER_SIZE } from "../framing.ts";
import { announce, countOfBytes, IS_SINK, USES_NODE_NET } from "./host.ts";

/** The size of the message that `buf` begins with; negated if not all of it is there, 0 if that is not known yet. */
function sizeOf(buf: Uint8Array): number {
  if (buf.length < HEADER_SIZE) return 0;
  const size = buf[0] | buf[1] << 8 | buf[2] << 16;
  return buf.length < size ? -size : size;
}

class FramedEcho implements Reactor {
  onInboundMessage(
    buf: Uint8Array,
    ctx: DispatchContext,
    _newBytes: number,
    decodedMsgSize: number,
  ): MessageResult {
    const size = decodedMsgSize || sizeOf(buf);
    if (size <= 0) return MessageResult.expectMsgSize(-size);
    ctx.sendSlice(buf, 0, size);
    return MessageResult.dropMsgSize(size);
  }
}

class Sink implements Reactor {
  #total = 0;

  onInboundMessage(
    buf: Uint8Array,
    _ctx: unknown,
    _newBytes: number,
    decodedMsgSize: number,
  ): MessageResult {
    const size = decodedMsgSize || sizeOf(buf);
    if (size <= 0) return MessageResult.expectMsgSize(-size);
    this.#total += size;
    return MessageResult.dropMsgSize(size);
  }

  onPeerEnd(ctx: DispatchContext): void {
    ctx.sendOrQueue(countOfBytes(this.#total));
    ctx.close();
  }
}

const runtime = new ReactRuntime({
  adapter: USES_NODE_NET ? nodeAdapter : hostAdapter(),
});
const listener = await runtime.listen(
  "127.0.0.1:0",
  new DefaultTcpListenerHandler(() => IS_SINK ? new Sink() : new FramedEcho()),
);
const { address } = listener;
if (address.transport === "tcp") announce(address.port);
await runtime.run();
