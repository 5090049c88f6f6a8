// Runtimes that talk to each other over a simulated network, and to which
// everything happens that may; see workloads.ts. 10,000 seeds are
// spread over the workloads and, when all runtimes are tested, over the two
// engines: what a seed plays does not depend on where, as sim/runtimes.test.ts
// shows. REACTIO_SEEDS says how many are to be played here instead:
//
//     REACTIO_SEEDS=200000 bun test ./tests/reliability/reliability.test.ts
//
// A failure tells how to repeat it: by the option `replay` of `simulate`.

import process from "node:process";
import { describe, it } from "node:test";
import { simulate } from "../../mod.ts";
import { WORKLOADS } from "./workloads.ts";
import { play } from "./scenario.ts";
import { ENGINES, oursOf } from "../support/sharing.ts";

const { REACTIO_SEEDS } = process.env;

/** Milliseconds that a seed may take, on a machine that has much else to do. */
const PATIENCE_MS = 100;

/** The seeds to play here of a workload that has `share` percent of all. */
function seedsOf(share: number): number[] {
  const count = Math.ceil(Number(REACTIO_SEEDS ?? 10_000) * share / 100);
  if (REACTIO_SEEDS === undefined) return oursOf(count, ENGINES);
  return Array.from({ length: count }, (_, i) => i + 1);
}

describe("Runtimes on a network that does its worst", () => {
  for (const workload of WORKLOADS) {
    const seeds = seedsOf(workload.share);
    const timeout = 10_000 + seeds.length * PATIENCE_MS;
    it(workload.name, { timeout }, async () => {
      await simulate(
        { ...workload.network, seeds },
        (sim) => play(sim, workload),
      );
    });
  }
});
