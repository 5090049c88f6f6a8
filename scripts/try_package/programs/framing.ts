// The protocol of these programs: a length byte, then the body.

import { MessageResult, type Reactor } from "@reactio/reactio";

/** Sends whole messages back. */
export const echo: Reactor = {
  onInboundMessage(buf, ctx) {
    const size = 1 + buf[0];
    if (buf.length < size) return MessageResult.expectMsgSize(size);
    ctx.sendSlice(buf, 0, size);
    return MessageResult.dropMsgSize(size);
  },
};

/**
 * Sends messages of every length, waits for each of them to come back, and then
 * closes.
 */
export class FrameSender implements Reactor {
  received = 0;

  onConnected: Reactor["onConnected"] = (ctx) => {
    for (let length = 0; length < 256; length++) {
      ctx.sendOrQueue(new Uint8Array(1 + length).fill(length));
    }
  };

  onInboundMessage: Reactor["onInboundMessage"] = (buf, ctx) => {
    const size = 1 + buf[0];
    if (buf.length < size) return MessageResult.expectMsgSize(size);
    const isTrue = buf.subarray(0, size).every((byte) => byte === buf[0]);
    if (buf[0] !== this.received || !isTrue) {
      throw new Error(`message ${this.received} came back as ${buf}`);
    }
    if (++this.received === 256) ctx.close();
    return MessageResult.dropMsgSize(size);
  };

  /** Throws unless every message has come back. */
  verify(): void {
    if (this.received === 256) return;
    throw new Error(`${this.received} of 256 messages came back`);
  }
}
