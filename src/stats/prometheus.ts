/**
 * Stats as Prometheus reads them.
 *
 * @module
 */

import { bucketEndMs, type HistogramStats } from "./histogram.ts";
import { type Metric, METRICS } from "./metrics.ts";
import type { RuntimeStats } from "./stats.ts";

/** What every series begins with. */
const PREFIX = "reactio_";

const MS_PER_SECOND = 1000;

/** Of the buckets those that end at a power of two, from 1/256 ms on: every fourth. */
const FIRST_BUCKET = 3;
const LAST_BUCKET = 99;
const BUCKET_STEP = 4;

/**
 * Writes the stats of a runtime as text that Prometheus reads, in its format
 * 0.0.4: what an HTTP server answers to `GET /metrics`, as
 * `text/plain; version=0.0.4`.
 *
 * Times are in seconds. Labels are `reason`, `error` and `le`, which have a bound.
 *
 * @param stats Of a runtime.
 * @returns The text, of whole lines.
 *
 * @example
 * ```ts
 * import { formatPrometheus, ReactRuntime } from "@reactio/reactio";
 *
 * await using runtime = new ReactRuntime();
 * const text = formatPrometheus(runtime.stats());
 * console.log(text.includes("reactio_connections_open 0\n")); // true
 * ```
 *
 * @category Statistics
 */
export function formatPrometheus(stats: RuntimeStats): string {
  const lines = METRICS.flatMap((metric) => linesOf(metric, stats));
  return lines.map((line) => `${line}\n`).join("");
}

function linesOf(metric: Metric, stats: RuntimeStats): string[] {
  const { kind, series, meaning } = metric;
  if (series === undefined) return [];
  const name = PREFIX + series;
  return [
    `# HELP ${name} ${meaning}`,
    `# TYPE ${name} ${kind}`,
    ...samplesOf(name, metric, figureOf(stats, metric.name)),
  ];
}

/** What `stats` tell by `name`, which may be a path of names. */
function figureOf(stats: RuntimeStats, name: string): unknown {
  return name.split(".").reduce<unknown>(
    (from, key) => (from as Record<string, unknown>)[key],
    stats,
  );
}

function samplesOf(name: string, metric: Metric, figure: unknown): string[] {
  if (metric.kind === "histogram") {
    return histogramLines(name, figure as HistogramStats);
  }
  const { by } = metric;
  if (by === undefined) {
    const isTime = metric.unit === "ms";
    const value = figure as number;
    return [`${name} ${isTime ? value / MS_PER_SECOND : value}`];
  }
  return Object.entries(figure as Record<string, number>)
    .map(([label, value]) => `${name}{${by}="${label}"} ${value}`);
}

function histogramLines(
  name: string,
  { buckets, count, sumMs }: HistogramStats,
): string[] {
  const lines: string[] = [];
  let below = 0;
  let next = 0;
  for (let last = FIRST_BUCKET; last <= LAST_BUCKET; last += BUCKET_STEP) {
    for (; next <= last; next++) below += buckets[next] ?? 0;
    const seconds = bucketEndMs(last) / MS_PER_SECOND;
    lines.push(`${name}_bucket{le="${seconds}"} ${below}`);
  }
  return [
    ...lines,
    `${name}_bucket{le="+Inf"} ${count}`,
    `${name}_sum ${sumMs / MS_PER_SECOND}`,
    `${name}_count ${count}`,
  ];
}
