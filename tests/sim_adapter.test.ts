import { afterEach, describe } from "node:test";
import { SimNetwork } from "../mod.ts";
import { simGround } from "./conformance/sim_ground.ts";
import { conformance } from "./conformance/suite.ts";

for (const writes of ["counts", "borrows"] as const) {
  for (const seed of [1, 2, 3]) {
    describe(`a simulated network, ${writes}, seed ${seed}`, () => {
      const ground = simGround(new SimNetwork({ seed, writes }));
      afterEach(ground.settle);
      conformance(ground);
    });
  }
}
