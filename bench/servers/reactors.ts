/** What answers the messages of the benchmark on Reactio, each in its own way. */

import {
  type AutoSendBuffer,
  type DispatchContext,
  MessageResult,
  type Reactor,
} from "../../mod.ts";
import { HEADER_SIZE, sizeOf } from "../framing.ts";
import { countOfBytes } from "./host.ts";
import { BODY_AT, kindOf, sequenceOf } from "./record.ts";

/** Each message is sent back from where it lies. */
export class FramedEcho implements Reactor {
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

/** Each read is sent back as it came, whatever messages are in it. */
export class UnframedEcho implements Reactor {
  onInboundMessage(buf: Uint8Array, ctx: DispatchContext): MessageResult {
    ctx.sendSlice(buf, 0, buf.length);
    return MessageResult.dropMsgSize(buf.length);
  }
}

/** `FramedEcho` by a view of the message, which is what one writes first. */
export class QueuedEcho implements Reactor {
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

/** A control: makes that view, and sends the slice. Nobody who makes views is faster. */
export class ViewingEcho implements Reactor {
  /** Where it is visible, so that no engine leaves it out. */
  view: Uint8Array | undefined = undefined;

  onInboundMessage(
    buf: Uint8Array,
    ctx: DispatchContext,
    _newBytes: number,
    decodedMsgSize: number,
  ): MessageResult {
    const size = decodedMsgSize || sizeOf(buf);
    if (size <= 0) return MessageResult.expectMsgSize(-size);
    this.view = buf.subarray(0, size);
    ctx.sendSlice(buf, 0, size);
    return MessageResult.dropMsgSize(size);
  }
}

/** The same with messages that are what follows a header, as a protocol has them: each answer gets a header of its own. */
export class PayloadEcho implements Reactor {
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
export class EncodedEcho implements Reactor {
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

/** Counts the bytes, and tells their number at the end. */
export class Sink implements Reactor {
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
