import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BufferPool } from "../../src/io/buffer_pool.ts";
import type { InboundBuffer } from "../../src/io/inbound_buffer.ts";
import { MessageResult } from "../../src/api/message_result.ts";
import type { DispatchContext } from "../../src/api/reactor.ts";
import { newReader } from "./readers.ts";

const NO_CONTEXT = undefined as unknown as DispatchContext;

/** A read of `bytes` into what the reader gives; returns that. */
function feedGiven(
  reader: InboundBuffer,
  bytes: Uint8Array,
  read: (reader: InboundBuffer) => void,
): Uint8Array {
  const given = reader.readBuffer();
  given.set(bytes);
  reader.receive(given, bytes.length);
  read(reader);
  reader.retain();
  return given;
}

describe("MsgReader that gives its socket what to read into", () => {
  const SIZE = 2 ** 20;
  const message = new Uint8Array(SIZE).map((_, i) => i % 251);

  /** Takes messages of `SIZE` bytes. */
  const takeInto = (got: Uint8Array[]) => (reader: InboundBuffer) =>
    reader.tryReadFastRead(NO_CONTEXT, (buf) => {
      if (buf.length < SIZE) return MessageResult.expectMsgSize(SIZE);
      got.push(buf);
      return MessageResult.dropMsgSize(SIZE);
    });

  it("has the rest of a large message read to where it is handed out", () => {
    const reader = newReader();
    const got: Uint8Array[] = [];
    let given = feedGiven(reader, message.subarray(0, 4096), takeInto(got));
    let read = 4096;
    while (read < SIZE) {
      const end = Math.min(SIZE, read + reader.readBuffer().length);
      given = feedGiven(reader, message.subarray(read, end), takeInto(got));
      read = end;
    }
    assert.equal(got.length, 1);
    assert.deepEqual(got[0], message);
    assert.equal(given.buffer, got[0].buffer);
    assert.equal(
      given.byteOffset + given.length,
      got[0].byteOffset + got[0].length,
      "it ends where the message ends",
    );
  });

  it("reads nothing beyond a large message into the same memory", () => {
    const reader = newReader();
    feedGiven(reader, message.subarray(0, 4096), takeInto([]));
    let read = 4096;
    while (SIZE - read >= 16 * 1024) {
      const { length } = reader.readBuffer();
      assert.ok(read + length <= SIZE);
      read += length;
      feedGiven(reader, message.subarray(0, length), takeInto([]));
    }
    assert.ok(read === SIZE || isWhole(reader.readBuffer()));
  });

  it("takes no memory for a size that was only announced", () => {
    const pool = new BufferPool();
    const reader = newReader({}, pool);
    feedGiven(reader, message.subarray(0, 4), takeInto([]));
    const given = reader.readBuffer();
    assert.ok(isWhole(given));
    assert.equal(given.length, 4096);
    feedGiven(reader, message.subarray(4, 4096), takeInto([]));
    assert.ok(reader.readBuffer().buffer.byteLength <= 8 * 4096);
  });

  it("forgets what a socket is reading into if it is cleared: nobody else uses that, and what comes in it is new", () => {
    const pool = new BufferPool();
    const reader = newReader({}, pool);
    feedGiven(reader, message.subarray(0, 4096), takeInto([]));
    const out = reader.readBuffer();
    assert.ok(!isWhole(out));
    const { byteLength } = out.buffer;
    reader.clear();
    assert.equal(reader.bytesBuffered, 0);
    assert.notEqual(pool.acquire(byteLength).buffer, out.buffer);
    out.set([1, 2, 3]);
    reader.receive(out, 3);
    const got: number[] = [];
    reader.tryReadFastRead(
      NO_CONTEXT,
      (buf, _ctx, newBytes, decodedMsgSize) => {
        got.push(...buf, newBytes, decodedMsgSize);
        return MessageResult.dropMsgSize(buf.length);
      },
    );
    reader.retain();
    assert.deepEqual(got, [1, 2, 3, 3, 0]);
    assert.ok(isWhole(reader.readBuffer()));
  });

  /** It is all of its memory, and no part of a message. */
  function isWhole(bytes: Uint8Array): boolean {
    return bytes.length === bytes.buffer.byteLength;
  }
});
