import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FlatStorage } from "../../src/util/flat_storage.ts";

describe("FlatStorage", () => {
  it("keys that never were find nothing", () => {
    const storage = new FlatStorage<string>();
    storage.add("only");
    for (const key of [-1, 1, 0.5, NaN, Infinity, 2 ** 40]) {
      assert.equal(storage.has(key), false);
      assert.equal(storage.get(key), undefined);
      assert.equal(storage.set(key, "x"), false);
      assert.equal(storage.remove(key), undefined);
    }
    assert.equal(storage.size, 1);
    assert.equal(storage.capacity, 1);
  });

  it("a removed value is not held, and removing it again does nothing", () => {
    const storage = new FlatStorage<string>();
    const key = storage.add("value");
    assert.equal(storage.remove(key), "value");
    assert.equal(storage.get(key), undefined);
    assert.equal(storage.remove(key), undefined);
    assert.equal(storage.freeCount, 1);
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
