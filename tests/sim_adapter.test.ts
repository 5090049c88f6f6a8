import { afterEach, describe } from "node:test";
import { SimNetwork } from "../mod.ts";
import { simGround } from "./conformance/sim_ground.ts";
import { conformance } from "./conformance/suite.ts";

const SEEDS = { counts: 1, borrows: 2 };

for (const writes of ["counts", "borrows"] as const) {
  const seed = SEEDS[writes];
  describe(`a simulated network, ${writes}, seed ${seed}`, () => {
    const ground = simGround(new SimNetwork({ seed, writes }));
    afterEach(ground.settle);
    conformance(ground);
  });
}
