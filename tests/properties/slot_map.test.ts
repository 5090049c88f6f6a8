import assert from "node:assert/strict";
import { describe } from "node:test";
import { SlotMap } from "../../src/util/slot_map.ts";
import { type CaseDraw, property } from "./property.ts";

/** `at`: an index into all ids ever given, counted from the last one. */
type Step =
  | { readonly do: "add" }
  | { readonly do: "remove"; readonly at: number };

function drawStep(draw: CaseDraw): Step {
  return draw.chance(0.5) ? { do: "remove", at: draw.size(50) } : { do: "add" };
}

/** Compares `slots` with the model for all ids that were ever given. */
function compare(
  slots: SlotMap<string>,
  model: Map<number, string>,
  given: readonly number[],
): void {
  assert.equal(slots.size, model.size);
  assert.equal(slots.full, false);
  for (const id of given) {
    assert.equal(slots.get(id), model.get(id), "the value, or nothing");
  }
  assert.deepEqual([...slots.values()].sort(), [...model.values()].sort());
}

describe("SlotMap", () => {
  property(
    "does what a map does, and no id is ever given to a second value",
    {},
    (draw) => ({
      lastGeneration: draw.pick([2 ** 33 - 1, 1, 2, 5]),
      steps: draw.list(100, drawStep),
    }),
    ({ lastGeneration, steps }) => {
      const slots = new SlotMap<string>();
      slots.limitGenerations(1, lastGeneration);
      const model = new Map<number, string>();
      const given: number[] = [];
      for (const step of steps) {
        if (step.do === "add") {
          const value = `value ${given.length}`;
          const id = slots.add(value);
          assert.ok(Number.isSafeInteger(id) && id > 0);
          assert.ok(!given.includes(id), "an id is given once");
          given.unshift(id);
          model.set(id, value);
        } else {
          const id = given[step.at] ?? 0;
          assert.equal(slots.remove(id), model.get(id));
          model.delete(id);
        }
        compare(slots, model, given);
      }
    },
  );
});
