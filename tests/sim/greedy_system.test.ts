// What the conformance suite promises, on a system that takes a write whole
// however large it is, as Windows does. It is simulated, so what happens does not
// depend on the runtime: scripts/test_shards.mjs has one of them run this.

import { afterEach, describe } from "node:test";
import { SimNetwork } from "../../mod.ts";
import { GreedyAdapter } from "../conformance/greedy_adapter.ts";
import { simEnvironment } from "../conformance/sim_environment.ts";
import { conformance } from "../conformance/suite.ts";

describe("a system that takes a write whole", () => {
  const environment = simEnvironment(
    new SimNetwork({ seed: 7, writes: "counts" }),
  );
  afterEach(environment.settle);
  conformance({
    ...environment,
    adapter: new GreedyAdapter(environment.adapter),
  });
});
