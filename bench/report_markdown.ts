/** Writes the results down. */

import { EXPERIMENTS } from "./experiments/all.ts";
import { shortSpread, table, titleOf } from "./format.ts";
import { RUNTIMES } from "./programs.ts";
import type { Results, Samples } from "./results.ts";
import { spread } from "./stats.ts";
import { tableOf } from "./tables.ts";
import { judge, type Target, TARGETS } from "./targets.ts";

const MARKS = { reached: "✓", near: "≈", missed: "✗" };

/** How the numbers are to be read. */
const NOTES: Readonly<Record<string, string>> = {
  "500x1x128":
    "On Deno the raw loop serves so many connections unfairly: some of them wait for the others for as long as they last, which is cheap. So there the control is `node:net`.",
  "4x1M":
    "The server counts the bytes and answers a FIN with how many there were.",
  churn: "From the connect to the server's FIN.",
  growth: "The server's processor time for a message.",
  idle:
    "Bytes for a connection that had one message and is silent since: what 10,000 of them add after a garbage collection. The raw and the careful echo hold a buffer of 64 KiB for each on Deno.",
  garbage:
    "What the engine says of each collection: how much the heap grew since the last, and how many there were. What is allocated for a read is shared by its messages, 16 or 64 of them, so that what is allocated for each message can be told apart.",
  syscalls: "Counted by strace, which slows the server down.",
  deferred:
    "Of each command, when a million are added, fired at once when all are due, added again, to memory that is there already, and cancelled.",
  threads: "The ways between threads that `npm run bench:threads` compares.",
};

const INTRODUCTION = `
A server and a load generator, one process each, on one machine over loopback,
so the figures of interest are the ratios: to the raw sockets of the same
runtime, without framing (raw), to framed echo written by hand by someone who
takes care (careful), and to framed echo with a write per message (naive). All
take their turns, A B C C B A A B C …: all are alive and warm, and loaded one
after the other, so that what is compared is measured within seconds. After
three rounds all are started anew, since no two processes of a program are as
fast as each other. Ratios are the medians of those within a round; beside a
median, in brackets, stands the middle half of the rounds. Processor time is
that of all threads of the server.

The generator compares every byte that comes back with what it has to be. On a
core of its own it never sleeps, since a server's write pays for waking it; how
busy it was does not count polls that find nothing. Where it was busier than a
server, the table is followed by a warning: then it may be the generator that is
measured.
`;

/** The text of `RESULTS.md`. */
export function reportMarkdown(results: Results): string {
  return [
    "# Results of the benchmark",
    INTRODUCTION.trim(),
    machineText(results),
    "## Targets",
    targetsText(results, TARGETS),
    "✓ reached, ≈ missed, but not in a quarter of the rounds, ✗ missed.",
    "![Messages a second against the raw sockets](ratios.svg)",
    "![Latency](latency.svg)",
    "![Processor time for a message as connections grow](growth.svg)",
    ...EXPERIMENTS.map(({ name }) => sectionMarkdown(results, name)),
    failuresText(results),
  ].filter((it) => it !== "").join("\n\n") + "\n";
}

/** What is told of one experiment; empty if it was not done. */
export function sectionMarkdown(results: Results, name: string): string {
  const byRuntime = results.experiments[name];
  const experiment = EXPERIMENTS.find((it) => it.name === name);
  if (byRuntime === undefined || experiment === undefined) return "";
  const targets = TARGETS.filter((it) => it.experiment === name);
  return [
    `## ${experiment.title}`,
    NOTES[name] ?? "",
    tableOf(name, byRuntime),
    generatorText(byRuntime),
    targetsText(results, targets),
  ].filter((it) => it !== "").join("\n\n");
}

/** Warns of servers that were less busy than what loaded them; empty if there are none. */
function generatorText(byRuntime: Readonly<Record<string, Samples>>): string {
  const faster = Object.entries(byRuntime).flatMap(([runtime, samples]) =>
    Object.entries(samples).filter(([, runs]) =>
      spread(runs, "generatorShare").median > spread(runs, "serverShare").median
    ).map(([subject]) => `${titleOf(runtime)} ${subject}`)
  );
  return faster.length === 0
    ? ""
    : `**The generator was busier than these servers, and may have limited them: ${
      faster.join(", ")
    }.**`;
}

const PINNING = {
  true: "The server has one core and the load generator another.",
  false:
    "The system chooses the cores, and the load generator sleeps while it waits.",
};

function machineText({ machine, commands, isPinned }: Results): string {
  const versions = Object.entries(machine.versions)
    .map(([name, version]) => `${name} ${version}`).join(", ");
  const typed = commands.map((it) => `\`${it}\``).join(", then ");
  return `${typed} with ${versions}; ${machine.cores} cores (${machine.processor}), ${machine.memoryGiB} GiB, ${machine.kernel}. ${
    PINNING[`${isPinned}`]
  }`;
}

function targetsText(results: Results, targets: readonly Target[]): string {
  const runtimes = Object.keys(RUNTIMES);
  const rows = targets.map((target) => [
    `${target.experiment}: ${target.what}`,
    limitText(target),
    ...runtimes.map((runtime) => verdictText(results, target, runtime)),
  ]).filter((row) => row.slice(2).some((cell) => cell !== ""));
  if (rows.length === 0) return "";
  return table(["target", "", ...runtimes.map(titleOf)], rows);
}

function limitText(target: Target): string {
  const [others, deno] = [target.limit("bun"), target.limit("deno")];
  const text = `${target.sense === "at least" ? "≥" : "≤"} ${others}`;
  return deno === others ? text : `${text} (Deno ${deno})`;
}

function verdictText(
  results: Results,
  target: Target,
  runtime: string,
): string {
  const verdict = judge(target, results, runtime);
  if (verdict === undefined) return "";
  return `${shortSpread(verdict.spread)} ${MARKS[verdict.outcome]}`;
}

function failuresText({ failures }: Results): string {
  if (failures.length === 0) return "";
  return ["## What failed", ...failures.map((it) => `- ${it}`)].join("\n");
}
