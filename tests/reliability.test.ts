// Runtimes that talk to each other over a simulated network, and to which
// everything happens that may; see reliability/workloads.ts. 10,000 seeds are
// spread over the workloads, or as many as REACTIO_SEEDS says:
//
//     REACTIO_SEEDS=200000 bun test ./tests/reliability.test.ts
//
// A failure tells how to repeat it: by the option `replay` of `simulate`.

import process from "node:process";
import { describe, it } from "node:test";
import { simulate } from "../mod.ts";
import { WORKLOADS } from "./reliability/workloads.ts";
import { play } from "./reliability/scenario.ts";

const SEEDS = Number(process.env.REACTIO_SEEDS ?? 10_000);

/** Milliseconds that a seed may take, on a machine that has much else to do. */
const PATIENCE_MS = 20;

describe("Runtimes on a network that does its worst", () => {
  for (const workload of WORKLOADS) {
    const seeds = Math.ceil(SEEDS * workload.share / 100);
    const timeout = 10_000 + seeds * PATIENCE_MS;
    it(workload.name, { timeout }, async () => {
      await simulate(
        { ...workload.network, seeds },
        (sim) => play(sim, workload),
      );
    });
  }
});
