// What the conformance suite promises, on a system that takes a write whole
// however large it is, as Windows does. It is simulated, so what happens does not
// depend on the runtime, as sim_runtimes.test.ts shows: one of them plays it.

import { afterEach, describe } from "node:test";
import { hostAdapter, SimNetwork } from "../mod.ts";
import { GreedyAdapter } from "./conformance/greedy_adapter.ts";
import { simEnvironment } from "./conformance/sim_environment.ts";
import { conformance } from "./conformance/suite.ts";

if (hostAdapter().name === "bun") {
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
}
