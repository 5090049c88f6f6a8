import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BufferPool, LARGEST_POOLED } from "../../src/io/buffer_pool.ts";
import { POOL_SIZE } from "../../src/tuning.ts";
import { EMPTY } from "../../src/util/empty.ts";

describe("BufferPool", () => {
  it("a buffer has room for what was asked for, and less than twice as much above 4 KiB", () => {
    const pool = new BufferPool();
    for (const bytes of [1, 2, 4095, 4096, 4097, 8192, 8193, 65535, 65536]) {
      const { length } = pool.acquire(bytes);
      assert.ok(length >= bytes);
      assert.ok(length < Math.max(4097, 2 * bytes), `${length} for ${bytes}`);
    }
  });

  it("a released buffer is used again for the same size", () => {
    const pool = new BufferPool();
    const buffer = pool.acquire(5000);
    pool.release(buffer);
    assert.equal(pool.bytesKept, buffer.length);
    assert.equal(pool.acquire(8000), buffer);
    assert.equal(pool.bytesKept, 0);
  });

  it("large buffers are exact and are not kept", () => {
    const pool = new BufferPool();
    const buffer = pool.acquire(LARGEST_POOLED + 1);
    assert.equal(buffer.length, LARGEST_POOLED + 1);
    pool.release(buffer);
    assert.equal(pool.bytesKept, 0);
  });

  it("keeps no more than 8 MiB, whatever the sizes", () => {
    for (const bytes of [4096, 65536, LARGEST_POOLED]) {
      const pool = new BufferPool();
      const count = 3 * POOL_SIZE / bytes;
      const buffers = Array.from({ length: count }, () => pool.acquire(bytes));
      for (const buffer of buffers) pool.release(buffer);
      assert.equal(pool.bytesKept, POOL_SIZE);
      for (let i = 0; i < count; i++) pool.acquire(bytes);
      assert.equal(pool.bytesKept, 0);
    }
  });

  it("the empty buffer has no bytes", () => {
    assert.equal(EMPTY.length, 0);
  });
});
