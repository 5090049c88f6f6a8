import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fifo } from "../../src/util/fifo.ts";

describe("Fifo", () => {
  it("shifts what was pushed in the same order, whatever its length was meanwhile", () => {
    const fifo = new Fifo<number>();
    let pushed = 0;
    let shifted = 0;
    for (
      const [pushCount, shiftCount] of [[3000, 2500], [10, 510], [5000, 1]]
    ) {
      for (let i = 0; i < pushCount; i++) fifo.push(pushed++);
      for (let i = 0; i < shiftCount; i++) {
        assert.equal(fifo.shift(), shifted++);
      }
      assert.equal(fifo.size, pushed - shifted);
    }
    while (fifo.size > 0) assert.equal(fifo.shift(), shifted++);
    assert.equal(shifted, pushed);
  });

  it("takeAll takes out what is wanted; both parts keep their order", () => {
    const fifo = new Fifo<number>();
    for (let i = 0; i < 10; i++) fifo.push(i);
    fifo.shift();
    assert.deepEqual(fifo.takeAll((value) => value % 3 === 0), [3, 6, 9]);
    assert.deepEqual([...fifo], [1, 2, 4, 5, 7, 8]);
    assert.equal(fifo.size, 6);
    assert.equal(fifo.shift(), 1);
  });
});
