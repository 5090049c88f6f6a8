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
    file: "src/util/timer_heap.ts",
    old: "if (last !== entry) {",
    new: "if (last !== entry && this.#entries.length > 1) {",
    suites: HEAP,
  },
  {
    name: "deferred-order",
    planted: "of what is due at the same time the last comes first",
    file: "src/util/timer_heap.ts",
    old: "(a.deadline === b.deadline && a.order < b.order)",
    new: "(a.deadline === b.deadline && a.order > b.order)",
    suites: HEAP,
  },
  {
    name: "ids-reused",
    planted: "the generation of an id is how many slots there are",
    file: "src/util/slot_map.ts",
    old:
      "const generation = last === undefined ? this.#firstGeneration : last + 1;",
    new: "const generation = this.#slots.capacity();",
    suites: SLOTS,
  },
  {
    name: "generation-not-checked",
    planted: "an id that is out of date reaches the next tenant of its slot",
    file: "src/util/slot_map.ts",
    old: "this.#generations[slot] * SLOTS + slot === id",
    new: "this.#generations[slot] > 0",
    suites: [{
      file: "tests/sim_adapter.test.ts",
      only: "counts, seed 1.*an id is never given again",
    }],
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
