import type { Memory } from "./memory.ts";
import type { Counts } from "./soak_tally.ts";

/** The result of soaking one runtime. */
export interface SoakReport extends Counts {
  readonly runtime: string;
  readonly seed: number;
  readonly seconds: number;
  /** The most ends of the library open at once. */
  readonly mostOpen: number;
  /** Measured at each rest, when no connection is open. */
  readonly memory: readonly Memory[];
}

const MIB = 2 ** 20;

/** How much memory may grow after the warm-up. */
export const GROWTH_BOUND: Memory = { rss: 96 * MIB, heapUsed: 4 * MIB };

/**
 * Memory after the first third, which is the warm-up, and the minimum in the
 * last third, since memory fluctuates.
 */
export function startAndEnd(memory: readonly Memory[]): [Memory, Memory] {
  const last = memory.slice(-Math.ceil(memory.length / 3));
  const least = (kind: keyof Memory) =>
    Math.min(...last.map((measured) => measured[kind]));
  return [
    memory[Math.floor((memory.length - 1) / 3)],
    { rss: least("rss"), heapUsed: least("heapUsed") },
  ];
}

/** Returns what is wrong; empty if all went well. */
export function verdict(report: SoakReport): string[] {
  const wrong = [...report.broken];
  const more = report.brokenCount - report.broken.length;
  if (more > 0) wrong.push(`and ${more} more broken promises`);
  const [start, end] = startAndEnd(report.memory);
  for (const kind of ["rss", "heapUsed"] as const) {
    const growth = end[kind] - start[kind];
    if (growth > GROWTH_BOUND[kind]) {
      wrong.push(
        `${kind} grew by ${mib(growth)}, more than ${mib(GROWTH_BOUND[kind])}`,
      );
    }
  }
  return wrong;
}

/** Formats the report as lines of text. */
export function format(report: SoakReport): string[] {
  const [start, end] = startAndEnd(report.memory);
  const grown = (kind: "rss" | "heapUsed") =>
    `${kind} ${mib(start[kind])} to ${mib(end[kind])}`;
  const wrong = verdict(report);
  return [
    `${report.runtime}, ${report.seconds} s, seed ${report.seed}`,
    `  verified     ${mib(report.bytes)} in ${report.messages} messages`,
    `  connections  ${report.connections} ends, ${report.mostOpen} at once at most`,
    `  completions  ${report.completions} of sends, ${report.commands} of commands`,
    `  memory       ${grown("rss")}, ${grown("heapUsed")}, ` +
    `in ${report.memory.length} measurements`,
    "  faults",
    ...Object.entries(report.faults).sort(([, a], [, b]) => b - a)
      .map(([kind, count]) => `    ${String(count).padStart(8)} ${kind}`),
    wrong.length === 0 ? "  every promise was kept" : "  broken:",
    ...wrong.map((what) => `    ${what}`),
  ];
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
