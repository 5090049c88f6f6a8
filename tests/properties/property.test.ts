import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CaseDraw, type PropertyOptions, verify } from "./property.ts";

/** The error of a broken property. */
function failureOf<T>(
  generate: (draw: CaseDraw) => T,
  check: (value: T) => void,
  options: PropertyOptions = {},
): Error {
  try {
    verify({ runs: 300, ...options }, generate, check);
  } catch (error) {
    return error as Error;
  }
  assert.fail("it was not found to be broken");
}

const numbers = (draw: CaseDraw) => draw.list(40, () => draw.integer(0, 1000));

describe("a property", () => {
  it("holds if the check throws for no case, and each case is checked once", () => {
    let runs = 0;
    verify({ runs: 123 }, numbers, () => void runs++);
    assert.equal(runs, 123);
  });

  it("shows the smallest case, why it fails, and the seed to see it again", () => {
    const tooLarge = new Error("there is a number above 700");
    const check = (list: number[]): void => {
      if (list.some((number) => number > 700)) throw tooLarge;
    };
    const { message, cause } = failureOf(numbers, check);
    const found = /seed (\d+)\..*:\n(.*)\n(.*)\n/.exec(message);
    assert.ok(found, message);
    const [, seed, shown, reason] = found;
    assert.equal(shown, "[ 701 ]");
    assert.equal(reason, tooLarge.message);
    assert.equal(cause, tooLarge);
    assert.ok(message.includes(`PROPERTY_SEED=${seed} and PROPERTY_RUNS=1`));
    const again = failureOf(numbers, check, { seed: Number(seed), runs: 1 });
    assert.ok(again.message.includes("[ 701 ]"));
  });

  it("shrinks several elements that matter together, and what they are made of", () => {
    const generate = (draw: CaseDraw) =>
      draw.list(30, () => ({
        kind: draw.pick(["idle", "push", "pop"]),
        size: draw.size(70_000, [65_536]),
      }));
    const { message } = failureOf(generate, (steps) => {
      const pushed = steps.findIndex(({ kind }) => kind === "push");
      if (pushed < 0) return;
      const popped = steps.slice(pushed).find(({ kind }) => kind === "pop");
      assert.ok(popped === undefined || popped.size < 65_536);
    });
    assert.ok(
      message.includes(
        "[ { kind: 'push', size: 0 }, { kind: 'pop', size: 65536 } ]",
      ),
      message,
    );
  });

  it("shows the case as it was made, also if the check changes it", () => {
    const generate = (draw: CaseDraw) => [draw.integer(5, 9)];
    const { message } = failureOf(generate, (list) => {
      assert.equal(list.pop(), 4);
    });
    assert.ok(message.includes("\n[ 5 ]\n"), message);
  });
});

describe("Draw", () => {
  it("makes the same cases in every run and on every runtime", () => {
    let sum = 0;
    verify({ runs: 5 }, numbers, (list) => {
      for (const number of list) sum = (31 * sum + number) % 1_000_003;
    });
    assert.equal(sum, 770_398);
  });

  it("keeps to its bounds and reaches all of them", () => {
    const drawn = {
      integer: new Set<number>(),
      pick: new Set<string>(),
      size: new Set<number>(),
      length: new Set<number>(),
    };
    verify({ runs: 3000 }, (draw) => draw, (draw) => {
      drawn.integer.add(draw.integer(-2, 2));
      drawn.pick.add(draw.pick(["a", "b"]));
      drawn.size.add(draw.size(5));
      drawn.length.add(draw.list(3, () => 0).length);
      const nearMark = draw.size(1000, [1000]);
      assert.ok(nearMark >= 0 && nearMark <= 1000);
    });
    const sorted = (set: Set<number>) => [...set].sort((a, b) => a - b);
    assert.deepEqual(sorted(drawn.integer), [-2, -1, 0, 1, 2]);
    assert.deepEqual([...drawn.pick].sort(), ["a", "b"]);
    assert.deepEqual(sorted(drawn.size), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(sorted(drawn.length), [0, 1, 2, 3]);
  });
});
