import assert from "node:assert/strict";
import { describe } from "node:test";
import { FlatStorage } from "../../src/util/flat_storage.ts";
import { type CaseDraw, property } from "./property.ts";

type Value = number | undefined;

type Step =
  | { readonly do: "add"; readonly value: Value }
  | { readonly do: "set"; readonly key: number; readonly value: Value }
  | { readonly do: "remove"; readonly key: number };

function drawStep(draw: CaseDraw): Step {
  const key = draw.size(20);
  const value = draw.chance(0.1) ? undefined : draw.integer(0, 999);
  const what = draw.pick(["add", "add", "remove", "set"] as const);
  return what === "add"
    ? { do: what, value }
    : what === "set"
    ? { do: what, key, value }
    : { do: what, key };
}

function perform(
  step: Step,
  storage: FlatStorage<Value>,
  model: Map<number, Value>,
): void {
  switch (step.do) {
    case "add": {
      const key = storage.add(step.value);
      assert.ok(!model.has(key), "a key is one value's only");
      model.set(key, step.value);
      break;
    }
    case "set":
      assert.equal(storage.set(step.key, step.value), model.has(step.key));
      if (model.has(step.key)) model.set(step.key, step.value);
      break;
    case "remove":
      assert.equal(storage.remove(step.key), model.get(step.key));
      model.delete(step.key);
      break;
  }
}

function compare(
  storage: FlatStorage<Value>,
  model: Map<number, Value>,
  capacity: number,
): void {
  assert.equal(storage.size, model.size);
  assert.equal(storage.isEmpty, model.size === 0);
  assert.equal(storage.capacity, capacity, "places are used again");
  assert.equal(storage.freeCount, capacity - model.size);
  for (let key = -1; key <= capacity; key++) {
    assert.equal(storage.has(key), model.has(key));
    assert.equal(storage.get(key), model.get(key));
  }
  const inOrder = [...model].sort(([a], [b]) => a - b);
  assert.deepEqual([...storage.values()], inOrder.map(([, value]) => value));
}

describe("FlatStorage", () => {
  property(
    "does what a map does, under keys of its own choice, in no more places than it needs",
    {},
    (draw) => draw.list(100, drawStep),
    (steps) => {
      const storage = new FlatStorage<Value>();
      const model = new Map<number, Value>();
      let capacity = 0;
      for (const step of steps) {
        perform(step, storage, model);
        capacity = Math.max(capacity, model.size);
        compare(storage, model, capacity);
      }
    },
  );
});
