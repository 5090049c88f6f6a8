import assert from "node:assert/strict";
import { test } from "node:test";
import { best } from "../../src/inspector/view/best.ts";
import { LastOnes } from "../../src/inspector/view/last_ones.ts";

const byNumber = (a: number, b: number) => a - b;

test("the best of many are what sorting all finds", () => {
  let state = 1;
  const next = () => state = (Math.imul(state, 48271) >>> 0) % 2147483647;
  for (let round = 0; round < 300; round++) {
    const numbers = Array.from({ length: next() % 200 }, () => next() % 50);
    const count = 1 + next() % 40;
    assert.deepEqual(
      best(numbers, count, byNumber),
      numbers.toSorted(byNumber).slice(0, count),
    );
  }
});

test("the last are kept, in order, and knows which were missed", () => {
  const ring = new LastOnes<number>(3);
  assert.deepEqual([...ring.newest()], []);
  for (let i = 0; i < 5; i++) ring.add(i);
  assert.equal(ring.count, 5);
  assert.deepEqual([...ring.newest()], [4, 3, 2]);
  assert.deepEqual([...ring.since(0)], [2, 3, 4]);
  assert.deepEqual([...ring.since(4)], [4]);
  assert.deepEqual([...ring.since(5)], []);
});
