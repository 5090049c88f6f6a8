// What a seed plays does not depend on the runtime, as simulation.test.ts shows:
// scripts/test_shards.mjs has one of them run these.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SimInvariantError, simulate } from "../../mod.ts";
import { NETWORK, scenario } from "../../examples/simulation/scenario.ts";

describe("the simulated bank, many times", () => {
  it("loses nothing without the bug in 1,000 runs, nor with faults of all kinds", async () => {
    await simulate({ ...NETWORK, seeds: 1000 }, scenario(false));
    await simulate(
      { faults: "random", seeds: 200 },
      scenario(false),
    );
  });

  it("loses it with faults of all kinds, too, in some of 1,000 runs", async () => {
    const options = {
      faults: "random",
      seeds: 1000,
      maxShrinkRuns: 0,
    } as const;
    await assert.rejects(
      simulate(options, scenario(true)),
      (error: Error) => error.cause instanceof SimInvariantError,
    );
  });
});
