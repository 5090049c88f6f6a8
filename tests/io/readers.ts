import assert from "node:assert/strict";
import { BufferPool } from "../../src/io/buffer_pool.ts";
import {
  InboundBuffer,
  type InboundHost,
} from "../../src/io/inbound_buffer.ts";
import type { InboundSettings } from "../../src/io/inbound_bytes.ts";

/** A connection that hears of nothing. */
const HOST: InboundHost = {
  onResultRejected: (thrown) => assert.fail(`rejected with ${thrown}`),
  onTaken: () => assert.fail("nobody has stopped"),
  onCreditSpent: () => assert.fail("nobody counts"),
  onManyMessages() {},
};

export function newReader(
  settings: Partial<InboundSettings> = {},
  pool = new BufferPool(),
): InboundBuffer {
  return new InboundBuffer(
    pool,
    { recvBufferMinSize: 1024, maxMessageSize: 2 ** 24, ...settings },
    HOST,
  );
}
