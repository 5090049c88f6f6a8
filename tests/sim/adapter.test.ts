import { afterEach, describe } from "node:test";
import { hostAdapter, SimNetwork } from "../../mod.ts";
import { simEnvironment } from "../conformance/sim_environment.ts";
import { conformance } from "../conformance/suite.ts";

type Writes = "counts" | "borrows";

/** By the kind of socket, for each runtime its own: what a seed plays does not depend on where. */
const SEEDS: Record<string, readonly [writes: Writes, seed: number][]> = {
  bun: [["counts", 1], ["borrows", 2]],
  deno: [["borrows", 4]],
  node: [["counts", 5]],
};

for (const [writes, seed] of SEEDS[hostAdapter().name]) {
  describe(`a simulated network, ${writes}, seed ${seed}`, () => {
    const environment = simEnvironment(new SimNetwork({ seed, writes }));
    afterEach(environment.settle);
    conformance(environment);
  });
}
