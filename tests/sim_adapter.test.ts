import { afterEach, describe } from "node:test";
import { hostAdapter, SimNetwork } from "../mod.ts";
import { simEnvironment } from "./conformance/sim_environment.ts";
import { conformance } from "./conformance/suite.ts";

/** Of each kind of socket, for each runtime its own: what it plays does not depend on where. */
const SEEDS: Record<string, { counts: number; borrows: number }> = {
  bun: { counts: 1, borrows: 2 },
  deno: { counts: 3, borrows: 4 },
  node: { counts: 5, borrows: 6 },
};

for (const writes of ["counts", "borrows"] as const) {
  const seed = SEEDS[hostAdapter().name][writes];
  describe(`a simulated network, ${writes}, seed ${seed}`, () => {
    const environment = simEnvironment(new SimNetwork({ seed, writes }));
    afterEach(environment.settle);
    conformance(environment);
  });
}
