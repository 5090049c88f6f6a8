import assert from "node:assert/strict";
import { test } from "node:test";
import { type Moved, Rates } from "../../src/inspector/view/rates.ts";

/** Connection 1, which has received `bytesIn` and sent half as many. */
function moved(bytesIn: number): Moved[] {
  return [{ id: 1, bytesIn, bytesOut: bytesIn / 2 }];
}

test("rates are of the time between the last two looks, and those of a moment are one", () => {
  const rates = new Rates();
  assert.deepEqual(rates.of(1), [0, 0]);
  rates.look(1000, moved(500));
  assert.deepEqual(rates.of(1), [0, 0]);
  rates.look(3000, moved(4500));
  assert.deepEqual(rates.of(1), [2000, 1000]);
  rates.look(3010, moved(9500));
  assert.deepEqual(rates.of(1), [2000, 1000]);
  assert.deepEqual(rates.of(2), [0, 0]);
});

test("what comes between two looks has moved all that it has", () => {
  const rates = new Rates();
  rates.look(0, []);
  rates.look(2000, moved(300));
  assert.deepEqual(rates.of(1), [150, 75]);
});

test("there are no rates after a time in which nobody looked", () => {
  const rates = new Rates();
  rates.look(0, moved(0));
  rates.look(1000, moved(100));
  rates.look(3_600_000, moved(100_000));
  assert.deepEqual(rates.of(1), [0, 0]);
  rates.look(3_601_000, moved(101_000));
  assert.deepEqual(rates.of(1), [1000, 500]);
});
