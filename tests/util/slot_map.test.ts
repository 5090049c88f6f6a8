import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SlotMap } from "../../src/util/slot_map.ts";

/** A map of one range of generations, and the ids of `count` values that came and went one by one. */
function used(
  first: number,
  last: number,
  count: number,
): { slots: SlotMap<string>; ids: number[] } {
  const slots = new SlotMap<string>();
  slots.limitGenerations(first, last);
  const ids = Array.from({ length: count }, (_, i) => {
    const id = slots.add(`${i}`);
    assert.equal(slots.remove(id), `${i}`);
    return id;
  });
  return { slots, ids };
}

describe("SlotMap", () => {
  it("retires a slot whose generations are used up, and takes another one", () => {
    for (const [first, last] of [[1, 3], [4, 6]]) {
      const { slots, ids } = used(first, last, 7);
      assert.deepEqual(
        ids.map((id) => id % 2 ** 20),
        [0, 0, 0, 1, 1, 1, 2],
      );
      assert.equal(slots.size, 0);
      assert.deepEqual([...slots.values()], []);
      assert.equal(new Set(ids).size, 7);
    }
  });

  it("gives no id that a map of an earlier range of generations gave, and finds nothing under those", () => {
    const earlier = used(1, 3, 7);
    const later = used(4, 6, 7);
    const live = later.slots.add("live");
    const ids = [...earlier.ids, ...later.ids, live];
    assert.equal(new Set(ids).size, 15);
    for (const id of earlier.ids) {
      assert.equal(later.slots.get(id), undefined);
      assert.equal(later.slots.remove(id), undefined);
    }
    assert.equal(later.slots.get(live), "live");
  });

  it("anything but an id finds nothing", () => {
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
    const ids = Array.from({ length: 2 ** 20 }, (_, i) => {
      assert.equal(slots.full, false);
      return slots.add(i);
    });
    assert.equal(slots.full, true);
    const gone = [5, 6, 2 ** 20 - 1].map((i) => ids[i]);
    for (const id of gone) slots.remove(id);
    for (const i of [1, 2, 3]) {
      assert.equal(slots.full, false);
      assert.equal(slots.get(slots.add(-i)), -i);
    }
    assert.equal(slots.full, true);
    assert.deepEqual(
      [...slots.values()].sort((a, b) => a - b).slice(0, 5),
      [-3, -2, -1, 0, 1],
    );
    assert.equal(slots.get(ids[4]), 4);
    for (const id of gone) assert.equal(slots.get(id), undefined);
  });
});
