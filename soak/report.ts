import type { Memory } from "./memory.ts";
import { type Counts, SoakTally } from "./soak_tally.ts";

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

/** The result of one flood. */
export interface FloodReport extends Counts {
  readonly runtime: string;
  readonly seed: number;
  readonly transport: string;
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
  const wrong = brokenIn(report);
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

/** The broken promises. */
function brokenIn({ broken, brokenCount }: Counts): string[] {
  const more = brokenCount - broken.length;
  return more > 0
    ? [...broken, `and ${more} more broken promises`]
    : [...broken];
}

/** Formats the reports of floods of one runtime as lines of text. */
export function formatFloods(reports: readonly FloodReport[]): string[] {
  const counts = new SoakTally();
  for (const report of reports) counts.add(report);
  const [{ runtime, seed: first }] = reports;
  const wrong = reports.filter(({ brokenCount }) => brokenCount > 0);
  return [
    `${runtime}, ${reports.length} floods, from seed ${first} on`,
    `  verified     ${mib(counts.bytes)} in ${counts.messages} messages`,
    `  connections  ${counts.connections} ends`,
    `  completions  ${counts.completions} of sends`,
    wrong.length === 0 ? "  every promise was kept" : "  broken:",
    ...wrong.flatMap((report) => [
      `    over ${report.transport}: npm run soak -- --runtime ${runtime} --flood ${report.seed}`,
      ...brokenIn(report).map((what) => `      ${what}`),
    ]),
  ];
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
