import assert from "node:assert/strict";
import { BufferPool } from "../src/io/buffer_pool.ts";
import {
  MsgReader,
  type MsgReaderHost,
  type MsgReaderSettings,
} from "../src/io/inbound_buffer.ts";

/** A connection that hears of nothing. */
const HOST: MsgReaderHost = {
  onResultRejected: (thrown) => assert.fail(`rejected with ${thrown}`),
  onTaken: () => assert.fail("nobody has stopped"),
};

export function newReader(
  settings: Partial<MsgReaderSettings> = {},
  pool = new BufferPool(),
): MsgReader {
  return new MsgReader(
    pool,
    { recvBufferMinSize: 1024, maxMessageSize: 2 ** 24, ...settings },
    HOST,
  );
}
