/**
 * Compares ways to send small commands from one worker thread to another, by
 * turns, each time in a new process, and prints the medians. `npm run
 * bench:threads -- --help` shows the flags.
 */

import { spawnSync } from "node:child_process";
import { loadavg } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { RUNTIMES } from "./programs.ts";
import { spreadOf } from "./stats.ts";
import { KINDS } from "./transports/commands.ts";
import type { Report } from "./transports/report.ts";

const USAGE = `npm run bench:threads -- [flags]
  --commands 1000000  of the flood that measures throughput, 10 to 1000000
  --rounds 3          runs of each transport, in turn
  --runtime NAME      ${Object.keys(RUNTIMES).join(", ")} only
  --kind NAME         ${Object.keys(KINDS).join(", ")} only`;

/** Titles, and their names in `threads.ts`. The first is the control. */
const TRANSPORTS: Readonly<Record<string, string>> = {
  "each": "each",
  "batch": "batch",
  "ring": "ring",
  "Reactio": "reactio",
  "Reactio, completion": "completion",
};

/** More would exceed the number of commands that Reactio allows in flight. */
const MAX_COMMANDS = 1_000_000;

/** A measurement that takes longer has failed, in milliseconds. */
const LIMIT_MS = 60_000;

const HEADING = ["k cmds/s", "ratio", "cpu ns", "p50 µs", "ratio", "p99 µs"];

function measure(
  runtime: string,
  transport: string,
  kind: string,
  commands: number,
): Report {
  const [program, ...args] = RUNTIMES[runtime]("threads");
  const { status, stdout } = spawnSync(
    program,
    [...args, transport, kind, String(commands)],
    {
      stdio: ["ignore", "pipe", "inherit"],
      encoding: "utf8",
      timeout: LIMIT_MS,
    },
  );
  if (status === 0) return JSON.parse(stdout);
  throw new Error(`${transport} of ${kind} commands failed on ${runtime}`);
}

function row(title: string, cells: string[]): string {
  return title.padEnd(22) + cells.map((cell) => cell.padStart(10)).join("");
}

/**
 * Renders the row of a transport: medians, and median ratios to the control,
 * computed run by run.
 */
function resultRow(
  title: string,
  reports: readonly Report[],
  control: readonly Report[],
): string {
  const median = (values: number[]) => spreadOf(values).median;
  const of = (key: keyof Report) => median(reports.map((it) => it[key]));
  const ratioOf = (key: keyof Report) =>
    median(reports.map((it, i) => it[key] / control[i][key]));
  return row(`  ${title}`, [
    (of("perSecond") / 1000).toFixed(0),
    ratioOf("perSecond").toFixed(2),
    of("cpuNs").toFixed(0),
    of("p50").toFixed(1),
    ratioOf("p50").toFixed(2),
    of("p99").toFixed(0),
  ]);
}

function compare(
  runtime: string,
  kind: string,
  rounds: number,
  commands: number,
): string[] {
  const titles = Object.keys(TRANSPORTS);
  const reports = new Map<string, Report[]>(titles.map((it) => [it, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [title, of] of reports) {
      of.push(measure(runtime, TRANSPORTS[title], kind, commands));
    }
  }
  const control = reports.get(titles[0])!;
  return titles.map((it) => resultRow(it, reports.get(it)!, control));
}

function load(): string {
  return loadavg()[0].toFixed(1);
}

const { values: flags } = parseArgs({
  options: {
    commands: { type: "string", default: String(MAX_COMMANDS) },
    rounds: { type: "string", default: "3" },
    runtime: { type: "string" },
    kind: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const only = (names: string[], name: string | undefined) =>
  names.filter((it) => name === undefined || it === name);
const commands = Number(flags.commands);
const rounds = Number(flags.rounds);
const runtimes = only(Object.keys(RUNTIMES), flags.runtime);
const kinds = only(Object.keys(KINDS), flags.kind);
const isUsable = Number.isInteger(commands) && commands >= 10 &&
  commands <= MAX_COMMANDS && Number.isInteger(rounds) && rounds > 0 &&
  runtimes.length > 0 && kinds.length > 0;
if (flags.help || !isUsable) {
  console.log(USAGE);
  process.exit(flags.help ? 0 : 2);
}

console.log(
  `${commands} commands one way, then round trips; ${rounds} rounds; ratios to each`,
);
for (const runtime of runtimes) {
  console.log(`\n${row(runtime, HEADING)}`);
  const before = load();
  for (const kind of kinds) {
    console.log(`${kind} command`);
    for (const line of compare(runtime, kind, rounds, commands)) {
      console.log(line);
    }
  }
  console.log(`load average of the machine ${before}, at the end ${load()}`);
}
