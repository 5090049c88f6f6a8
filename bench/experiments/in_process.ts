/** Experiments whose programs measure themselves. */

import { Program } from "../process.ts";
import { RUNTIMES } from "../programs.ts";
import { asServer } from "../settings.ts";
import {
  type Experiment,
  type Measurement,
  startedAnew,
} from "./experiment.ts";

const LIMIT_MS = 120_000;

/** Number of small commands that one thread sends to another. */
const THREAD_COMMANDS = "500000";

/**
 * Runs `command`, optionally in `folder`. The line that it prints is the
 * sample.
 */
export async function measureProgram(
  command: readonly string[],
  folder?: string,
): Promise<Measurement> {
  const running = new Program(command, { folder });
  try {
    return await running.next<Measurement>(LIMIT_MS);
  } finally {
    await running.stop();
  }
}

const COMMANDS: Experiment = {
  name: "commands",
  title: "Commands in one thread",
  subjects: () => ["plain", "completion"],
  rounds: ({ rounds }) => rounds,
  seconds: () => 0.7,
  prepare: startedAnew((runtime, subject, settings) =>
    measureProgram(asServer(settings, [
      ...RUNTIMES[runtime]("in_process/commands"),
      subject,
    ]))
  ),
};

const DEFERRED: Experiment = {
  name: "deferred",
  title: "A million deferred commands",
  subjects: () => ["Reactio"],
  rounds: ({ rounds }) => Math.min(rounds, 3),
  seconds: () => 20,
  prepare: startedAnew((runtime, _subject, settings) =>
    measureProgram(
      asServer(settings, RUNTIMES[runtime]("in_process/deferred")),
    )
  ),
};

/** Subjects, and their names in `threads.ts`. */
const TRANSPORTS: Readonly<Record<string, string>> = {
  "postMessage each": "each",
  "arrays of 512": "batch",
  "Reactio": "reactio",
  "Reactio, completion": "completion",
};

const THREADS: Experiment = {
  name: "threads",
  title: "Small commands across threads",
  subjects: () => Object.keys(TRANSPORTS),
  rounds: ({ rounds }) => Math.min(rounds, 3),
  seconds: () => 2,
  prepare: startedAnew((runtime, subject) =>
    measureProgram([
      ...RUNTIMES[runtime]("threads"),
      ...[TRANSPORTS[subject], "small", THREAD_COMMANDS],
    ])
  ),
};

const LINES: Experiment = {
  name: "lines",
  title: "Lines of text by hand and by a codec, and one line in pieces",
  subjects: () => [
    ...[8, 32, 128, 1024].flatMap((size) => [`hand ${size}`, `codec ${size}`]),
    ...[64, 256, 1024].map((kib) => `pieces ${kib * 1024}`),
  ],
  rounds: ({ rounds }) => Math.min(rounds, 3),
  seconds: () => 0.7,
  prepare: startedAnew((runtime, subject, settings) =>
    measureProgram(asServer(settings, [
      ...RUNTIMES[runtime]("in_process/lines"),
      ...subject.split(" "),
    ]))
  ),
};

/**
 * Commands within a thread, deferred ones, and ones between threads; and lines
 * of text.
 */
export const IN_PROCESS: readonly Experiment[] = [
  COMMANDS,
  DEFERRED,
  THREADS,
  LINES,
];
