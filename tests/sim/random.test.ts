import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SimRandom } from "../../mod.ts";

describe("SimRandom", () => {
  it("gives the same numbers on every runtime", () => {
    const random = new SimRandom(2026);
    const numbers = Array.from({ length: 4 }, () => random.integer(0, 999_999));
    assert.deepEqual(numbers, [793458, 221472, 107220, 803960]);
    assert.deepEqual([...random.bytes(4)], [179, 42, 98, 65]);
    assert.equal(
      random.integer(0, Number.MAX_SAFE_INTEGER - 1),
      8565025463418980,
    );
    assert.equal(random.pick(["a", "b", "c", "d", "e", "f", "g"]), "g");
  });

  it("gives other numbers for other seeds, negative and large ones included", () => {
    const seeds = [0, 1, -1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1];
    const firsts = seeds.map((seed) => new SimRandom(seed).integer(0, 2 ** 32));
    assert.equal(new Set(firsts).size, seeds.length);
  });

  it("gives every integer from min to max about as often", () => {
    const random = new SimRandom(1);
    const counts = new Map<number, number>();
    for (let i = 0; i < 70_000; i++) {
      const value = random.integer(-3, 3);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    assert.deepEqual([...counts.keys()].sort((a, b) => a - b), [
      -3,
      -2,
      -1,
      0,
      1,
      2,
      3,
    ]);
    for (const count of counts.values()) {
      assert.ok(Math.abs(count - 10_000) < 400, String(count));
    }
  });

  it("is true with the probability that is asked for", () => {
    const random = new SimRandom(1);
    let count = 0;
    for (let i = 0; i < 10_000; i++) {
      if (random.chance(0.3)) count++;
      assert.equal(random.chance(0), false);
      assert.equal(random.chance(1), true);
    }
    assert.ok(Math.abs(count - 3000) < 200, String(count));
  });

  it("spreads large ranges over all their bits", () => {
    const random = new SimRandom(1);
    let isOdd = 0;
    let isHigh = 0;
    for (let i = 0; i < 1000; i++) {
      const value = random.integer(0, 2 ** 52);
      isOdd += value % 2;
      if (value > 2 ** 51) isHigh++;
    }
    for (const count of [isOdd, isHigh]) {
      assert.ok(Math.abs(count - 500) < 100, String(count));
    }
  });
});
