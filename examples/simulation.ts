// Simulates a bank and its backup, on a network that fails now and then, and
// checks that no money is lost.
//
// Run:  deno run examples/simulation.ts
// Try:  --bug plants a bug, which is found; --replay repeats the run that
//       failed
// Read: simulation/scenario.ts is what happens, simulation/bank.ts and
//       simulation/bank_client.ts are what is tested.

import { simulate } from "../mod.ts";
import { fail, integer, readFlags, text, toggle } from "./flags.ts";
import { NETWORK, scenario } from "./simulation/scenario.ts";

const flags = readFlags("Simulates a bank and its backup.", {
  bug: toggle("plant a bug"),
  seeds: integer(100, 1, 1_000_000, "how many runs"),
  replay: text(
    "",
    "repeat the run that a failure tells of",
    "it needs what the failure says",
  ),
});

const { bug, seeds, replay } = flags;
const options = { ...NETWORK, seeds, replay: replay || undefined };
const report = await simulate(options, scenario(bug)).catch(fail);
console.log(`${report.seeds} runs, ${report.faults} faults, no money lost`);
