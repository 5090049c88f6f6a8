/**
 * Measures framed echo on Reactio against the control, raw echo without framing
 * on the bare sockets of the same runtime, in turn, and prints the medians.
 * `npm run bench -- --help` shows the flags.
 */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import type { LoadReport } from "./load.ts";
import { median, RUNTIMES } from "./programs.ts";
import type { ServerReport } from "./report_cpu.ts";

const USAGE = `npm run bench -- [flags]
  --load 50x16x128  connections x messages in flight x bytes
  --rounds 5        runs of each server, in turn
  --seconds 2       of each run, after a warm-up
  --runtime NAME    deno, bun or node only`;

interface Run {
  readonly perSecond: number;
  readonly cpuNsPerMessage: number;
  readonly p50: number;
  readonly p999: number;
}

/** Starts `command`; resolves to the process and to its lines of JSON, one at a time. */
function start(
  [program, ...args]: string[],
): { child: ChildProcess; lines: AsyncIterator<string> } {
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout! });
  return { child, lines: lines[Symbol.asyncIterator]() };
}

async function nextReport<T>(lines: AsyncIterator<string>): Promise<T> {
  const { value, done } = await lines.next();
  if (done) throw new Error("a process of the benchmark ended early");
  return JSON.parse(value);
}

async function measure(
  server: string[],
  load: string[],
  seconds: string,
): Promise<Run> {
  const { child, lines } = start(server);
  try {
    const { port } = await nextReport<ServerReport>(lines);
    const generator = start(
      ["bun", "bench/load.ts", String(port), ...load, seconds],
    );
    const report = await nextReport<LoadReport>(generator.lines);
    const { cpuMs } = await nextReport<ServerReport>(lines);
    return { ...report, cpuNsPerMessage: cpuMs! * 1e6 / report.messages };
  } finally {
    child.kill();
  }
}

function medianRun(runs: Run[]): Run {
  const of = (key: keyof Run) => median(runs.map((run) => run[key]));
  return {
    perSecond: of("perSecond"),
    cpuNsPerMessage: of("cpuNsPerMessage"),
    p50: of("p50"),
    p999: of("p999"),
  };
}

function row(name: string, run: Run, ratio: number): string {
  const cells = [
    (run.perSecond / 1000).toFixed(0),
    ratio.toFixed(2),
    run.cpuNsPerMessage.toFixed(0),
    run.p50.toFixed(0),
    run.p999.toFixed(0),
  ];
  return name.padEnd(16) + cells.map((cell) => cell.padStart(10)).join("");
}

const { values: flags } = parseArgs({
  options: {
    load: { type: "string", default: "50x16x128" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    runtime: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (flags.help) {
  console.log(USAGE);
  process.exit(0);
}

console.log(`load ${flags.load}, ${flags.rounds} rounds`);
console.log(
  "                 k msgs/s   vs. raw  cpu ns/msg   p50 µs  p99.9 µs",
);
for (const [runtime, command] of Object.entries(RUNTIMES)) {
  if (flags.runtime !== undefined && flags.runtime !== runtime) continue;
  const raw: Run[] = [];
  const ours: Run[] = [];
  for (let round = 0; round < Number(flags.rounds); round++) {
    const load = flags.load.split("x");
    raw.push(await measure(command("echo_raw"), load, flags.seconds));
    ours.push(await measure(command("echo_reactio"), load, flags.seconds));
  }
  const ratio = median(
    ours.map((run, i) => run.perSecond / raw[i].perSecond),
  );
  console.log(row(`${runtime} raw`, medianRun(raw), 1));
  console.log(row(`${runtime} Reactio`, medianRun(ours), ratio));
}
