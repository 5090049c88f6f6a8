// @ts-check

const RACE = [{ file: "tests/address_race.test.ts" }];

/**
 * Bugs of connects to names.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const connectingMutants = [
  {
    name: "losers-stay",
    planted: "the attempts that lose the race go on, and stay open",
    file: "src/core/address_race.ts",
    old: "for (const pending of this.#underWay.values()) pending.cancel();",
    new: "",
    suites: RACE,
  },
  {
    name: "one-by-one",
    planted: "an address that does not answer keeps everybody from the next",
    file: "src/core/address_race.ts",
    old: "else this.#loop.arm(this.#nextIsDue, ATTEMPT_DELAY_MS);",
    new: "",
    suites: RACE,
  },
  {
    name: "refusal-waits",
    planted: "the address after one that refuses is tried 250 ms later",
    file: "src/core/address_race.ts",
    old: "if (isNewest) this.#tryNext();",
    new: "void isNewest;",
    suites: RACE,
  },
  {
    name: "families-not-in-turn",
    planted: "all addresses of one family are tried before the other",
    file: "src/core/address_race.ts",
    old:
      ".flatMap((_, i) => families.flatMap((family) => family.slice(i, i + 1)))",
    new: ".slice(0, 0).concat(...families)",
    suites: RACE,
  },
  {
    name: "first-failure-counts",
    planted:
      "a race is lost when the last address fails, though others are under way",
    file: "src/core/address_race.ts",
    old: "} else if (this.#underWay.size === 0) {",
    new: "} else if (isNewest || this.#underWay.size === 0) {",
    suites: RACE,
  },
];
