import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SlotMap } from "../src/util/slot_map.ts";
import { Random } from "./random.ts";

describe("SlotMap", () => {
  it("never gives an id twice, and no stale id finds anything, over random operations", () => {
    for (let seed = 1; seed <= 10; seed++) {
      const random = new Random(seed);
      const slots = new SlotMap<string>(random.pick([1, 2, 5, 1_000_000]));
      const live = new Map<number, string>();
      const stale: number[] = [];
      const given = new Set<number>();
      for (let step = 0; step < 3000; step++) {
        if (random.chance(0.5)) {
          const id = slots.add(`${step}`);
          assert.ok(Number.isSafeInteger(id) && id > 0);
          assert.ok(!given.has(id), "an id is given once");
          given.add(id);
          live.set(id, `${step}`);
        } else if (live.size > 0) {
          const id = random.pick([...live.keys()].slice(-20));
          assert.equal(slots.remove(id), live.get(id));
          live.delete(id);
          stale.push(id);
        }
        assert.equal(slots.size, live.size);
      }
      for (const id of stale) {
        assert.equal(slots.get(id), undefined);
        assert.equal(slots.remove(id), undefined);
      }
      for (const [id, value] of live) assert.equal(slots.get(id), value);
      assert.deepEqual(
        [...slots.values()].sort(),
        [...live.values()].sort(),
      );
      assert.equal(slots.size, live.size);
    }
  });

  it("retires a slot whose generations are used up, and takes another one", () => {
    const slots = new SlotMap<string>(3);
    const ids = Array.from({ length: 7 }, (_, i) => {
      const id = slots.add(`${i}`);
      assert.equal(slots.remove(id), `${i}`);
      return id;
    });
    assert.deepEqual(
      ids.map((id) => id % 2 ** 20),
      [0, 0, 0, 1, 1, 1, 2],
    );
    assert.equal(slots.size, 0);
    assert.deepEqual([...slots.values()], []);
    assert.equal(new Set(ids).size, 7);
  });

  it("what is no id finds nothing", () => {
    const slots = new SlotMap<string>();
    const id = slots.add("only");
    const strange = [0, -1, 1, -id, id + 1, id + 0.5, 2 ** 20, NaN, Infinity];
    for (const other of [...strange, undefined, "x"]) {
      if (other === id) continue;
      assert.equal(slots.get(other as number), undefined);
      assert.equal(slots.remove(other as number), undefined);
    }
    assert.equal(slots.get(id), "only");
  });

  it("is full when 2^20 values are held, and not before", () => {
    const slots = new SlotMap<number>();
    let id = 0;
    for (let i = 0; i < 2 ** 20; i++) {
      assert.equal(slots.full, false);
      id = slots.add(i);
    }
    assert.equal(slots.full, true);
    slots.remove(id);
    assert.equal(slots.full, false);
  });
});
