/** Ways to answer the benchmark's messages with Reactio. */

import {
  type AutoSendBuffer,
  type DispatchContext,
  MessageResult,
  type Reactor,
} from "../../mod.ts";
import { HEADER_SIZE, sizeOf } from "../framing.ts";
import { countOfBytes } from "./host.ts";
import { BODY_AT, kindOf, sequenceOf } from "./record.ts";

/** Sends each message back in place, as a slice. */
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

/** Sends each read back as a whole, whatever messages it contains. */
export class UnframedEcho implements Reactor {
  onInboundMessage(buf: Uint8Array, ctx: DispatchContext): MessageResult {
    ctx.sendSlice(buf, 0, buf.length);
    return MessageResult.dropMsgSize(buf.length);
  }
}

/**
 * Like `FramedEcho`, but sends a view of the message, which is what one writes
 * first.
 */
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

/**
 * A control: creates that view, but sends the slice. No program that creates
 * views can be faster.
 */
export class ViewingEcho implements Reactor {
  /** A public field, so that no engine optimizes the view away. */
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

/**
 * Answers messages that follow a header, as in real protocols: each answer gets
 * a new header.
 */
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

/** The same, but encodes each answer from the decoded message. */
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

/** Counts the received bytes, and sends their number at the end. */
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
