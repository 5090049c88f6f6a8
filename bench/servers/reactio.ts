/** Framed echo, or a sink of messages, on Reactio: a callback per message, flushed by the turn. */

import process from "node:process";
import {
  type AutoSendBuffer,
  DefaultTcpListenerHandler,
  type DispatchContext,
  hostAdapter,
  MessageResult,
  nodeAdapter,
  type Reactor,
  ReactRuntime,
} from "../../mod.ts";
import { server as credential } from "../../tests/support/certificates.ts";
import { HEADER_SIZE, sizeOf } from "../framing.ts";
import {
  announce,
  countOfBytes,
  IS_ENCODED,
  IS_SINK,
  IS_TLS,
  UNIX_PATH,
  USES_NODE_NET,
} from "./host.ts";
import { BODY_AT, kindOf, sequenceOf } from "./record.ts";

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

/** The same by a view of the message, which is what one writes first. */
class QueuedEcho implements Reactor {
  onInboundMessage(
    buf: Uint8Array,
    ctx: DispatchContext,
    _newBytes: number,
    decodedMsgSize: number,
  ): MessageResult {
    const size = decodedMsgSize || sizeOf(buf);
    if (size <= 0) return MessageResult.expectMsgSize(-size);
    ctx.sendOrQueue(buf.subarray(0, size));
    return MessageResult.dropMsgSize(size);
  }
}

/** The same with messages that are what follows a header, as a protocol has them: each answer gets a header of its own. */
class PayloadEcho implements Reactor {
  onInboundMessage(
    buf: Uint8Array,
    ctx: DispatchContext,
    _newBytes: number,
    decodedMsgSize: number,
  ): MessageResult {
    const size = decodedMsgSize || sizeOf(buf);
    if (size <= 0) return MessageResult.expectMsgSize(-size);
    this.#send(buf.subarray(HEADER_SIZE, size), ctx.acquireSend());
    return MessageResult.dropMsgSize(size);
  }

  #send(payload: Uint8Array, out: AutoSendBuffer): void {
    out.writeUint32(HEADER_SIZE + payload.length, true);
    out.write(payload);
    out[Symbol.dispose]();
  }
}

/** The same, with each answer encoded from what its message says. */
class EncodedEcho implements Reactor {
  onInboundMessage(
    buf: Uint8Array,
    ctx: DispatchContext,
    _newBytes: number,
    decodedMsgSize: number,
  ): MessageResult {
    const size = decodedMsgSize || sizeOf(buf);
    if (size <= 0) return MessageResult.expectMsgSize(-size);
    this.#answer(buf, size, ctx.acquireSend());
    return MessageResult.dropMsgSize(size);
  }

  #answer(buf: Uint8Array, size: number, out: AutoSendBuffer): void {
    out.writeUint32(size, true);
    out.writeUint16(kindOf(buf, 0), true);
    out.writeBigUint64(sequenceOf(buf, 0), true);
    out.write(buf, BODY_AT, size);
    out[Symbol.dispose]();
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

/** Serves a connection as the command line says. */
function newReactor(): Reactor {
  if (IS_SINK) return new Sink();
  if (IS_ENCODED) return new EncodedEcho();
  if (process.argv.includes("--payload")) return new PayloadEcho();
  return process.argv.includes("--queue") ? new QueuedEcho() : new FramedEcho();
}

const runtime = new ReactRuntime({
  adapter: USES_NODE_NET ? nodeAdapter : hostAdapter(),
});
const handler = new DefaultTcpListenerHandler(newReactor);
if (UNIX_PATH === undefined) {
  const { address } = await runtime.listen("127.0.0.1:0", handler, {
    ...(IS_TLS && { tls: credential }),
  });
  announce({ port: address.port });
} else {
  await runtime.listen(`unix:${UNIX_PATH}`, handler);
  announce({ path: UNIX_PATH });
}
await runtime.run();
