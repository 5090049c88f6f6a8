import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BufferPool } from "../../src/io/buffer_pool.ts";
import { ReadBuffer } from "../../src/io/read_buffer.ts";

const KiB = 1024;

/** A read that fills the buffer; returns the size of the next one. */
function fill(readBuffer: ReadBuffer): number {
  readBuffer.fit(readBuffer.bytes.length);
  return readBuffer.bytes.length;
}

describe("ReadBuffer", () => {
  it("is the same from read to read as long as these are of middle size", () => {
    const readBuffer = new ReadBuffer(new BufferPool());
    fill(readBuffer);
    const { bytes } = readBuffer;
    for (let i = 0; i < 100; i++) {
      readBuffer.fit(i % 2 === 0 ? 8 * KiB - 1 : 2 * KiB + 1);
      assert.equal(readBuffer.bytes, bytes);
    }
  });

  it("has 4 KiB, and twice as much after each read that fills it, 128 KiB at most", () => {
    const readBuffer = new ReadBuffer(new BufferPool());
    const sizes = [readBuffer.bytes.length];
    for (let i = 0; i < 7; i++) sizes.push(fill(readBuffer));
    assert.deepEqual(
      sizes.map((size) => size / KiB),
      [4, 8, 16, 32, 64, 128, 128, 128],
    );
  });

  it("shrinks to half after 16 reads in a row of a quarter or less, 4 KiB at least", () => {
    const readBuffer = new ReadBuffer(new BufferPool());
    for (let i = 0; i < 2; i++) fill(readBuffer);
    const read = (count: number, length: number) => {
      for (let i = 0; i < count; i++) readBuffer.fit(length);
      return readBuffer.bytes.length / KiB;
    };
    assert.equal(read(15, 4 * KiB), 16);
    assert.equal(read(1, 4 * KiB + 1), 16, "not in a row");
    assert.equal(read(15, 4 * KiB), 16);
    assert.equal(read(1, 4 * KiB), 8);
    assert.equal(read(16, 1), 4);
    assert.equal(read(100, 1), 4);
  });

  it("has its buffers from the pool, and gives back those that are too small or too large", () => {
    const pool = new BufferPool();
    const readBuffer = new ReadBuffer(pool);
    const first = readBuffer.bytes;
    fill(readBuffer);
    assert.equal(pool.bytesKept, 4 * KiB);
    for (let i = 0; i < 16; i++) readBuffer.fit(1);
    assert.equal(readBuffer.bytes, first);
    assert.equal(pool.bytesKept, 8 * KiB);
  });

  it("is another after somebody has transferred it away", () => {
    const pool = new BufferPool();
    const readBuffer = new ReadBuffer(pool);
    const { bytes } = readBuffer;
    const buffer = bytes.buffer as ArrayBuffer;
    structuredClone(buffer, { transfer: [buffer] });
    assert.equal(bytes.length, 0);
    assert.equal(readBuffer.bytes.length, 4 * KiB);
    assert.equal(pool.bytesKept, 0);
  });

  it("is another after it was given away, which is the taker's to release", () => {
    const pool = new BufferPool();
    const readBuffer = new ReadBuffer(pool);
    const { bytes } = readBuffer;
    assert.equal(readBuffer.giveAway(bytes), true);
    assert.equal(readBuffer.giveAway(bytes), false, "once only");
    assert.notEqual(readBuffer.bytes, bytes);
    assert.equal(readBuffer.bytes.length, 4 * KiB);
    assert.equal(pool.bytesKept, 0);
  });

  it("does not give away what it does not have", () => {
    const readBuffer = new ReadBuffer(new BufferPool());
    const { bytes } = readBuffer;
    assert.equal(readBuffer.giveAway(new Uint8Array(4 * KiB)), false);
    assert.equal(readBuffer.bytes, bytes);
  });
});
