import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/** How to measure, as given on the command line. */
export interface Settings {
  readonly rounds: number;
  /** Seconds of each turn of a server. */
  readonly seconds: number;
  /**
   * Gives the server one core, and the load generator, which then never sleeps,
   * another. Otherwise the system often makes them share one.
   */
  readonly pin: boolean;
}

/**
 * Seconds of load before the first round, so that the engine has compiled the
 * hot code.
 */
export const WARM_UP_SECONDS = 1.5;

/** Seconds of load before each measured window, so that all connections are being served. */
export const SETTLE_SECONDS = 0.15;

/** Seconds that starting and stopping the two processes takes. */
export const START_SECONDS = 0.4;

const SERVER_CORE = 0;
const GENERATOR_CORE = coreBeside(SERVER_CORE);

/**
 * The first core that shares no hardware with `core`; the next one if the
 * system does not say.
 */
function coreBeside(core: number): number {
  const path = `/sys/devices/system/cpu/cpu${core}/topology/core_cpus_list`;
  try {
    const shared = parseCores(readFileSync(path, "utf8"));
    const others = cpus().map((_, i) => i).filter((it) => !shared.has(it));
    return others[0] ?? core + 1;
  } catch {
    return core + 1;
  }
}

/** The numbers in a list such as `0-1,8`. */
function parseCores(list: string): Set<number> {
  return new Set(
    list.trim().split(",").flatMap((range) => {
      const [first, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    }),
  );
}

/**
 * True if there are at least two cores, and a program to pin processes to them.
 */
export function canPin(): boolean {
  return cpus().length > 1 && spawnSync("taskset", ["--version"]).status === 0;
}

/** Pins `command` to the server's core, if pinning is on. */
export function asServer({ pin }: Settings, command: string[]): string[] {
  return pin ? ["taskset", "-c", `${SERVER_CORE}`, ...command] : command;
}

/** Pins `command` to the load generator's core, if pinning is on. */
export function asGenerator({ pin }: Settings, command: string[]): string[] {
  return pin ? ["taskset", "-c", `${GENERATOR_CORE}`, ...command] : command;
}
