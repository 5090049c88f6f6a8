// @ts-check

const HEAP = [{ file: "tests/properties/timer_heap.test.ts" }];
const SLOTS = [{ file: "tests/properties/slot_map.test.ts" }];

/**
 * Bugs of timers and ids.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const utilMutants = [
  {
    name: "heap-loses-the-last",
    planted:
      "of the last two deferred commands one is lost, the other runs twice",
    file: "src/util/slot_heap.ts",
    old: "if (last === slot) return;",
    new: "if (last === slot || this.#slots.length === 1) return;",
    suites: HEAP,
  },
  {
    name: "deferred-order",
    planted: "of what is due at the same time the last comes first",
    file: "src/util/slot_heap.ts",
    old: "return this.#deadlines.order(slot) < this.#deadlines.order(other);",
    new: "return this.#deadlines.order(slot) > this.#deadlines.order(other);",
    suites: HEAP,
  },
  {
    name: "ids-reused",
    planted: "the generation of an id is how many slots there are",
    file: "src/util/slot_map.ts",
    old: "const generation = last === 0 ? this.#firstGeneration : 1 - last;",
    new: "const generation = this.#countUsed;",
    suites: SLOTS,
  },
  {
    name: "generation-not-checked",
    planted: "an id that is out of date reaches the next tenant of its slot",
    file: "src/util/slot_map.ts",
    old: "this.#generation(slot) * SLOTS + slot === id",
    new: "this.#generation(slot) > 0",
    suites: [{
      file: "tests/sim_adapter.test.ts",
      only: "counts, seed 1.*an id is never given again",
    }],
  },
  {
    name: "free-ids-forgotten",
    planted:
      "of the slots of ids that are free only the last one is found again",
    file: "src/util/slot_map.ts",
    old: "page.firstFree = page.values[index] as number;",
    new: "page.firstFree = END_OF_LIST;",
    suites: [{ file: "tests/slot_map.test.ts" }],
  },
  {
    name: "free-slots-forgotten",
    planted: "of the slots that are free only the last one is found again",
    file: "src/util/flat_storage.ts",
    old: "this.#firstFree = this.#links[key];",
    new: "this.#firstFree = END_OF_LIST;",
    suites: [{ file: "tests/properties/flat_storage.test.ts" }],
  },
];
