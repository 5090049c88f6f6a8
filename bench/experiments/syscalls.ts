import { spawnSync } from "node:child_process";
import { type Load, runGenerator } from "../generator.ts";
import { Program } from "../process.ts";
import { startServer } from "../server.ts";
import { SETTLE_SECONDS, START_SECONDS } from "../settings.ts";
import { type Experiment, startedAnew } from "./experiment.ts";

const LOADS: Readonly<Record<string, Load>> = {
  "500x1x128": { mode: "echo", connections: 500, inFlight: 1, size: 128 },
  "50x16x128": { mode: "echo", connections: 50, inFlight: 16, size: 128 },
};

const SECONDS = 1;

/** Time for strace to attach, in milliseconds. */
const ATTACH_MS = 500;

/** True if strace is available to count system calls. */
export function canCountSyscalls(): boolean {
  return spawnSync("strace", ["-V"]).status === 0;
}

/**
 * System calls per message, counted by strace. A subject is a server under a
 * load.
 */
export const SYSCALLS: Experiment = {
  name: "syscalls",
  title: "System calls for a message",
  subjects: () =>
    Object.keys(LOADS).flatMap((load) =>
      ["raw", "careful", "Reactio"].map((it) => `${it} ${load}`)
    ),
  rounds: () => 1,
  seconds: () =>
    START_SECONDS + SETTLE_SECONDS + SECONDS + 2 * ATTACH_MS / 1000,

  prepare: startedAnew(async (runtime, subject, settings) => {
    const [server, load] = subject.split(" ");
    const running = await startServer(runtime, server, settings);
    const counts: Record<string, number> = {};
    const strace = new Program(
      ["strace", "-c", "-f", "-p", String(running.pid)],
      { onLine: (line) => readCount(line, counts) },
    );
    try {
      await new Promise((resolve) => setTimeout(resolve, ATTACH_MS));
      const { total } = await runGenerator(
        running,
        LOADS[load],
        SECONDS,
        settings,
      );
      await strace.stop("SIGINT");
      if (!("total" in counts)) throw new Error("strace counted nothing");
      return Object.fromEntries(
        Object.entries(counts).map(([name, count]) => [name, count / total]),
      );
    } finally {
      await running.program.stop();
      await strace.stop();
    }
  }),
};

/** Reads a line of the table that strace prints: `% time, seconds, usecs/call, calls, errors, syscall`. */
function readCount(line: string, counts: Record<string, number>): void {
  const match = /^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ )? *(\w+)$/.exec(line);
  if (match !== null) counts[match[2]] = Number(match[1]);
}
