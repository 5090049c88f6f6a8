// What is simulated does not depend on the runtime: scripts/test_shards.mjs has one
// of them run this.

import { afterEach, describe } from "node:test";
import { SimNetwork } from "../mod.ts";
import { simEnvironment } from "./conformance/sim_environment.ts";
import { conformance } from "./conformance/suite.ts";

/** By the kind of socket. */
const SEEDS = { counts: 1, borrows: 2 } as const;

for (const writes of ["counts", "borrows"] as const) {
  const seed = SEEDS[writes];
  describe(`a simulated network, ${writes}, seed ${seed}`, () => {
    const environment = simEnvironment(new SimNetwork({ seed, writes }));
    afterEach(environment.settle);
    conformance(environment);
  });
}
