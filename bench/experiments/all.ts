import { ANSWERING } from "./answering.ts";
import { COUNTING } from "./counting.ts";
import type { Experiment } from "./experiment.ts";
import { GARBAGE } from "./garbage.ts";
import { GROWTH } from "./growth.ts";
import { IDLE } from "./idle.ts";
import { IN_PROCESS } from "./in_process.ts";
import { canCountSyscalls, SYSCALLS } from "./syscalls.ts";
import { TRAFFIC } from "./traffic.ts";
import { TRANSPORTS } from "./transports.ts";

/** Everything that can be measured on this machine, in the order of the report. */
export const EXPERIMENTS: readonly Experiment[] = [
  ...TRAFFIC,
  ...ANSWERING,
  ...TRANSPORTS,
  ...COUNTING,
  GROWTH,
  IDLE,
  GARBAGE,
  ...(canCountSyscalls() ? [SYSCALLS] : []),
  ...IN_PROCESS,
];
