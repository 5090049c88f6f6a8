// Simulates a bank and its backup, on a network that fails now and then.

import { simulate } from "../mod.ts";
import { fail, type Flag, integer, readFlags, toggle } from "./flags.ts";
import { NETWORK, scenario } from "./simulation/scenario.ts";

const text: Flag<string | undefined> = {
  type: "string",
  fallback: undefined,
  help: "repeat the run that a failure tells of",
  rule: "it needs what the failure says",
  parse: (value) => value,
};
const { bug, seeds, replay } = readFlags("Simulates a bank and its backup.", {
  bug: toggle("plant a bug"),
  seeds: integer(100, 1, 1_000_000, "how many runs"),
  replay: text,
});

const options = { ...NETWORK, seeds, replay };
const report = await simulate(options, scenario(bug)).catch(fail);
console.log(`${report.seeds} runs, ${report.faults} faults, no money lost`);
