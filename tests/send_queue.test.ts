import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BufferPool } from "../src/io/buffer_pool.ts";
import { SendQueue } from "../src/io/send_queue.ts";

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
