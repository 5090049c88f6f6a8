import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FlatStorage } from "../src/util/flat_storage.ts";
import { Random } from "./random.ts";

describe("FlatStorage", () => {
  it("does what a map with chosen keys does, over random operations", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = new Random(seed);
      const storage = new FlatStorage<number | undefined>();
      const model = new Map<number, number | undefined>();
      const bias = random.next();
      let most = 0;
      for (let step = 0; step < 2000; step++) {
        const value = random.chance(0.1) ? undefined : step;
        const key = random.integer(-1, most + 1);
        const choice = random.next();
        if (choice < 0.2 + 0.4 * bias) {
          const added = storage.add(value);
          assert.ok(!model.has(added), "a key is given to one value only");
          model.set(added, value);
        } else if (choice < 0.75) {
          assert.equal(storage.remove(key), model.get(key));
          model.delete(key);
        } else if (choice < 0.85) {
          assert.equal(storage.set(key, value), model.has(key));
          if (model.has(key)) model.set(key, value);
        } else {
          assert.equal(storage.get(key), model.get(key));
          assert.equal(storage.has(key), model.has(key));
        }
        most = Math.max(most, model.size);
        assert.equal(storage.len(), model.size);
        assert.equal(storage.isEmpty(), model.size === 0);
        assert.equal(storage.capacity(), most, "no place is wasted");
        assert.equal(storage.countFree(), most - model.size);
      }
      const inOrder = [...model].sort(([a], [b]) => a - b);
      assert.deepEqual(
        [...storage.values()],
        inOrder.map(([, value]) => value),
      );
    }
  });

  it("keys that never were find nothing", () => {
    const storage = new FlatStorage<string>();
    storage.add("only");
    for (const key of [-1, 1, 0.5, NaN, Infinity, 2 ** 40]) {
      assert.equal(storage.has(key), false);
      assert.equal(storage.get(key), undefined);
      assert.equal(storage.set(key, "x"), false);
      assert.equal(storage.remove(key), undefined);
    }
    assert.equal(storage.len(), 1);
    assert.equal(storage.capacity(), 1);
  });

  it("a removed value is not held, and removing it again does nothing", () => {
    const storage = new FlatStorage<string>();
    const key = storage.add("value");
    assert.equal(storage.remove(key), "value");
    assert.equal(storage.get(key), undefined);
    assert.equal(storage.remove(key), undefined);
    assert.equal(storage.countFree(), 1);
    assert.notEqual(storage.add("a"), storage.add("b"));
  });

  it("values can be added and removed while they are gone through", () => {
    const storage = new FlatStorage<number>();
    const keys = [0, 1, 2, 3].map((value) => storage.add(value));
    const seen: number[] = [];
    for (const value of storage.values()) {
      seen.push(value);
      if (value === 0) storage.remove(keys[1]);
      if (value === 2) storage.add(9);
    }
    assert.deepEqual(seen, [0, 2, 3]);
  });
});
