/** Renders the results as Markdown. */

import { EXPERIMENTS } from "./experiments/all.ts";
import { shortSpread, table, titleOf } from "./format.ts";
import { RUNTIMES } from "./programs.ts";
import type { Results, Samples } from "./results.ts";
import { spread } from "./stats.ts";
import { tableOf } from "./tables.ts";
import { judge, type Target, TARGETS } from "./targets.ts";

const MARKS = { reached: "✓", near: "≈", missed: "✗" };

/** Notes that help to read the numbers of an experiment. */
const NOTES: Readonly<Record<string, string>> = {
  "500x1x128":
    "On Deno the raw loop serves this many connections unfairly: some wait for as long as the others last, which is cheap. So there the control is `node:net`.",
  "4x1M": "The server counts the bytes, and answers a FIN with their number.",
  churn: "From the connect to the server's FIN.",
  encoded:
    "Each message is decoded and its answer encoded: size, kind and a sequence of 64 bits, little-endian, and a body of 100 bytes.",
  framed:
    "Each message is a view of what follows its header, and goes back with a header that is written anew.",
  "tls-1x1x32":
    "Each read is sent back as it came. Servers called framed cut it into messages first, so a message that comes in several reads goes back when the last of them is there.",
  counting:
    "Against a copy of the library from which the lines are taken that count and time messages; the rest of the stats costs nothing for a message.",
  "counting-alone":
    "The library alone, on sockets that do nothing: processor time of a message that is echoed, for reads of 16 messages and of one.",
  growth: "The server's processor time for a message.",
  idle:
    "Bytes for each connection that had one message and has been silent since: what 10,000 of them add, after a garbage collection. The raw and the careful echo hold a buffer of 64 KiB for each on Deno.",
  garbage:
    "As the engine logs its collections: how much the heap grew since the last one, and how many there were. What is allocated for a read is shared by its 16 or 64 messages, which separates it from what is allocated for each message.",
  syscalls: "Counted by strace, which slows the server down.",
  deferred:
    "For each of a million commands: added, fired together once all are due, added again to memory that is there already, and cancelled.",
  lines:
    "By the number of bytes of a line. A line that comes in pieces of 1 KiB is searched once: a byte costs as much whatever the size of the line.",
  threads:
    "The ways to send between threads that `npm run bench:threads` compares.",
};

const INTRODUCTION = `
A server and a load generator run as two processes on one machine, over
loopback, so the figures that matter are the ratios: to the raw sockets of the
same runtime, without framing (raw), to framed echo carefully written by hand
(careful), and to framed echo with a write per message (naive). The servers take
turns, A B C C B A A B C …: all are alive and warm, and are loaded one after the
other, so that what is compared is measured within seconds. After three rounds
all are started anew, since no two processes running the same program are
equally fast. Ratios are medians of the ratios within each round; the brackets
after a median hold the middle half of the rounds. Processor time is that of all
threads of the server.

The generator compares every byte that comes back with the one expected. On a
core of its own it never sleeps, since the server's next write would have to
wake it; "generator busy" leaves out polls that find nothing. A warning follows
the table where the generator was busier than a server: it may then be the
generator that is measured.
`;

/** Renders `RESULTS.md`. */
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

/** The section of one experiment; empty if it was not run. */
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

/**
 * Warns of servers that were less busy than the load generator; empty if there
 * are none.
 */
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
