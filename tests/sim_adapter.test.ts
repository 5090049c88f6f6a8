import { afterEach, describe } from "node:test";
import { SimNetwork } from "../mod.ts";
import { simGround } from "./conformance/sim_ground.ts";
import { conformance } from "./conformance/suite.ts";

const SEEDS = { counts: [1, 2], borrows: [3, 4] } as const;

for (const writes of ["counts", "borrows"] as const) {
  for (const seed of SEEDS[writes]) {
    describe(`a simulated network, ${writes}, seed ${seed}`, () => {
      const ground = simGround(new SimNetwork({ seed, writes }));
      afterEach(ground.settle);
      conformance(ground);
    });
  }
}
