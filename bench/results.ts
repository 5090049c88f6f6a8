import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Measurement } from "./experiments/experiment.ts";
import type { Machine } from "./machine.ts";

/** Samples by subject, in the order of rounds. */
export type Samples = Record<string, Measurement[]>;

/** All measurements, by experiment, runtime and subject. */
export interface Results {
  readonly machine: Machine;
  /**
   * The commands as typed: the one that measured everything, followed by those
   * that repeated parts.
   */
  readonly commands: readonly string[];
  /** True if the server and the load generator each had a core. */
  readonly isPinned: boolean;
  readonly experiments: Record<string, Record<string, Samples>>;
  /** Descriptions of what went wrong. */
  readonly failures: string[];
}

/** A line of the results file. */
type Line = Omit<Results, "experiments"> | {
  readonly experiment: string;
  readonly runtime: string;
  readonly subject: string;
  readonly samples: Measurement[];
};

/** The results in `folder`, if there are any. */
export function loadResults(folder: string): Results | undefined {
  const path = pathIn(folder);
  if (!existsSync(path)) return undefined;
  const [head, ...lines] = readFileSync(path, "utf8").trimEnd().split("\n")
    .map((line): Line => JSON.parse(line));
  if (!("machine" in head)) return undefined;
  const results: Results = { ...head, experiments: {} };
  for (const line of lines) {
    if ("machine" in line) continue;
    const byRuntime = results.experiments[line.experiment] ??= {};
    (byRuntime[line.runtime] ??= {})[line.subject] = line.samples;
  }
  return results;
}

/** Writes a line that describes the machine, then one for each subject. */
export function saveResults(folder: string, results: Results): void {
  const { experiments, ...head } = results;
  const lines: Line[] = [head];
  for (const [experiment, byRuntime] of Object.entries(experiments)) {
    for (const [runtime, bySubject] of Object.entries(byRuntime)) {
      for (const [subject, samples] of Object.entries(bySubject)) {
        lines.push({ experiment, runtime, subject, samples });
      }
    }
  }
  mkdirSync(folder, { recursive: true });
  const text = lines.map((it) => `${JSON.stringify(it, cut)}\n`).join("");
  writeFileSync(pathIn(folder), text);
}

function pathIn(folder: string): string {
  return `${folder}/results.jsonl`;
}

/** Rounds a fraction to five significant digits. */
function cut(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value)
    ? Number(value.toPrecision(5))
    : value;
}
