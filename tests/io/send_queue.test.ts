import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BufferPool } from "../../src/io/buffer_pool.ts";
import { SendQueue } from "../../src/io/send_queue.ts";
import { SharedBuffer } from "../../src/toolkit/groups/shared_buffer.ts";
import { pattern } from "../conformance/support.ts";

const SIZE = 1000;

describe("SendQueue", () => {
  for (const isFirst of [true, false]) {
    for (const size of [10, 10_000]) {
      it(`has nothing of ${size} bytes that cannot be copied, ${isFirst ? "the first" : "behind others"}, and takes the next`, () => {
        const queue = new SendQueue(new BufferPool());
        const taken = isFirst ? 0 : 4096;
        if (!isFirst) queue.append(new Uint8Array(taken), taken, 0, taken);
        const lost = new Uint8Array(size);
        structuredClone(lost.buffer, { transfer: [lost.buffer] });
        assert.throws(() => queue.append(lost, size, 0, size), TypeError);
        assert.equal(queue.size, taken);
        if (!isFirst) queue.drop(taken);
        assert.equal(queue.head, null);
        queue.append(Uint8Array.of(7), 1, 0, 1);
        const { bytes, start, end } = queue.head!;
        assert.deepEqual([...bytes.subarray(start, end)], [7]);
      });
    }
  }

  for (const how of ["copied", "shared", "adopted"] as const) {
    it(`that is sealed keeps apart what is ${how} behind its end`, () => {
      const pool = new BufferPool();
      const queue = new SendQueue(pool);
      const read = pattern(0, 2 * SIZE).slice();
      pool.inPlace.begin(read, { giveAway: () => true });
      const shared = new SharedBuffer(pool, 2 * SIZE);
      const queueNext = (from: number) => {
        const part = read.slice(from, from + SIZE);
        if (how === "copied") queue.append(part, SIZE, 0, SIZE);
        else if (how === "adopted") queue.adopt(read, from, from + SIZE);
        else {
          shared.write(part, SIZE);
          queue.share(shared, from);
        }
      };
      queueNext(0);
      queue.seal();
      queueNext(SIZE);
      assert.equal(queue.size, 2 * SIZE);
      for (const from of [0, SIZE]) {
        const { bytes, start, end } = queue.head!;
        assert.deepEqual(bytes.slice(start, end), pattern(from, SIZE));
        queue.drop(SIZE);
      }
      assert.equal(queue.head, null);
      // What is queued in its place later is not sealed.
      for (const _ of [1, 2]) queue.append(read, SIZE, 0, SIZE);
      assert.equal(queue.head!.end - queue.head!.start, 2 * SIZE);
    });
  }

  it("tells what its buffers take, which is more than what is queued", () => {
    const pool = new BufferPool();
    const queue = new SendQueue(pool);
    assert.equal(queue.bytesHeld, 0);
    for (const size of [10, 100_000, 10]) {
      queue.append(new Uint8Array(size), size, 0, size);
      assert.ok(queue.bytesHeld > queue.size);
      assert.equal(queue.bytesHeld, pool.bytesHeld);
    }
    queue.clear();
    assert.equal(queue.bytesHeld, 0);
    assert.equal(pool.bytesHeld, 0);
  });
});
