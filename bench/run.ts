/**
 * Compares Reactio with the bare sockets of each runtime, subject by subject in
 * turn, prints tables, and writes these and plots to a folder. `npm run bench
 * -- --help` shows the flags.
 */

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import process from "node:process";
import { EXPERIMENTS } from "./experiments/all.ts";
import {
  durationOf,
  type Experiment,
  type Prepared,
  ROUNDS_PER_START,
} from "./experiments/experiment.ts";
import { readFlags } from "./flags.ts";
import { titleOf } from "./format.ts";
import { buildGenerator } from "./generator.ts";
import { isSameMachine, loadAverage, thisMachine } from "./machine.ts";
import { plotGrowth, plotLatency } from "./plot_lines.ts";
import { plotRatios } from "./plot_ratios.ts";
import { reportMarkdown, sectionMarkdown } from "./report_markdown.ts";
import {
  loadResults,
  type Results,
  type Samples,
  saveResults,
} from "./results.ts";

const flags = readFlags();
const results = startResults();
if (!flags.redraw) await measureAll();
format(write());
process.exit(results.failures.length > 0 ? 1 : 0);

async function measureAll(): Promise<void> {
  buildGenerator();
  const minutes =
    flags.experiments.flatMap((experiment) =>
      flags.runtimes.map((it) => durationOf(experiment, it, flags))
    ).reduce((sum, it) => sum + it, 0) / 60;
  console.log(
    `${flags.experiments.length} experiments on ${
      flags.runtimes.map(titleOf).join(", ")
    }: about ${Math.ceil(minutes)} min. Load average of the machine: ${
      loadAverage().toFixed(1)
    }, which should be near 0.`,
  );
  for (const experiment of flags.experiments) {
    for (const runtime of flags.runtimes) {
      const samples = await measure(experiment, runtime);
      (results.experiments[experiment.name] ??= {})[runtime] = samples;
      write();
    }
    console.log(`\n${sectionMarkdown(results, experiment.name)}`);
  }
}

/**
 * Measures all subjects in order, then in reverse order, and so on, because the
 * machine may become faster or slower in the meantime. A subject that fails is
 * reported and skipped.
 */
async function measure(
  experiment: Experiment,
  runtime: string,
): Promise<Samples> {
  const subjects = [...experiment.subjects(runtime)];
  const samples: Samples = Object.fromEntries(subjects.map((it) => [it, []]));
  const failed = new Set<string>();
  const prepared = new Map<string, Prepared>();
  const attempt = async (subject: string, step: () => Promise<void>) => {
    if (failed.has(subject)) return;
    try {
      await step();
    } catch (error) {
      const { message } = error as Error;
      const failure = `${experiment.name}, ${
        titleOf(runtime)
      } ${subject}: ${message}`;
      console.error(failure);
      results.failures.push(failure);
      failed.add(subject);
    }
  };
  const prepareAll = async () => {
    for (const subject of subjects) {
      await attempt(subject, async () => {
        prepared.set(
          subject,
          await experiment.prepare(runtime, subject, flags),
        );
      });
    }
  };
  const endAll = async () => {
    for (const it of prepared.values()) await it.end();
    prepared.clear();
  };
  for (let round = 0; round < experiment.rounds(flags); round++) {
    if (round % ROUNDS_PER_START === 0) {
      await endAll();
      await prepareAll();
    }
    for (const subject of subjects) {
      await attempt(subject, async () => {
        samples[subject].push(await prepared.get(subject)!.measure());
      });
    }
    subjects.reverse();
  }
  await endAll();
  return samples;
}

/**
 * Starts from the previous results, if only a part is measured and the machine
 * is the same.
 */
function startResults(): Results {
  const machine = thisMachine();
  const before = loadResults(flags.out);
  if (flags.redraw) {
    if (before !== undefined) return before;
    console.error(`There are no results in ${flags.out}.`);
    process.exit(2);
  }
  const isPart = flags.experiments.length < EXPERIMENTS.length ||
    flags.runtimes.length < 3;
  const keeps = isPart && before !== undefined &&
    isSameMachine(before.machine, machine) && before.isPinned === flags.pin;
  return {
    machine,
    commands: [...keeps ? before.commands : [], flags.command],
    isPinned: flags.pin,
    experiments: keeps ? before.experiments : {},
    failures: [],
  };
}

/**
 * Writes the results so far. Returns the paths of the files meant for readers.
 */
function write(): string[] {
  saveResults(flags.out, results);
  const texts = {
    "RESULTS.md": reportMarkdown(results),
    "ratios.svg": plotRatios(results),
    "latency.svg": plotLatency(results),
    "growth.svg": plotGrowth(results),
  };
  return Object.entries(texts).map(([name, text]) => {
    const path = `${flags.out}/${name}`;
    writeFileSync(path, text);
    return path;
  });
}

/** Formats the files like all others of the project. */
function format(paths: readonly string[]): void {
  spawnSync("deno", ["fmt", "--quiet", ...paths], { stdio: "inherit" });
}
