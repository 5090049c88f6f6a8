import { checkArgument } from "../api/check_argument.ts";
import { bucketEndMs, type HistogramStats } from "./histogram.ts";
import { type Metric, type MetricKind, METRICS } from "./metrics.ts";
import type { RuntimeStats, ThreadsStats } from "./stats.ts";

/** The labels of a value. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a series. */
export interface Sample {
  /** For histograms, the suffix of the series name. */
  readonly suffix: "" | "_bucket" | "_sum" | "_count";
  readonly labels: Labels;
  readonly value: number;
}

/** A figure as monitoring systems expect it: in seconds instead of milliseconds. */
export interface Series {
  readonly metric: Metric;
  readonly name: string;
  readonly kind: MetricKind;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** The statistics of a runtime, or of each of several threads. */
interface Labelled {
  readonly labels: Labels;
  readonly stats: RuntimeStats;
}

const MS_PER_SECOND = 1000;

/** The buckets that end at a power of two, from 1/256 ms on: every fourth. */
const BUCKETS = { first: 3, last: 99, step: 4 } as const;

/** The series of a runtime, or of all threads, which have the label `thread`. */
export function seriesOf(
  stats: RuntimeStats | ThreadsStats,
  labels: Labels = {},
): Series[] {
  const all = labelled(stats, labels);
  return METRICS.flatMap((metric) =>
    metric.series === undefined ? [] : [{
      metric,
      name: metric.series,
      kind: metric.kind,
      help: metric.meaning,
      samples: all.flatMap((one) => samplesOf(metric, one)),
    }]
  );
}

function labelled(
  stats: RuntimeStats | ThreadsStats,
  labels: Labels,
): Labelled[] {
  if (!hasThreads(stats)) {
    checkArgument(stats, "statistics", "uptimeMs", "number");
    return [{ labels, stats }];
  }
  const of = (thread: string, stats: RuntimeStats) => ({
    labels: { ...labels, thread },
    stats,
  });
  return [
    ...stats.threads.map((it) => of(String(it.runtimeId), it.stats)),
    of("main", stats.main),
  ];
}

function hasThreads(stats: RuntimeStats | ThreadsStats): stats is ThreadsStats {
  return Array.isArray((stats as Partial<ThreadsStats> | undefined)?.threads);
}

/** The value in `stats` at `name`, which may be a path. */
function figureOf(stats: RuntimeStats, name: string): unknown {
  return name.split(".").reduce<unknown>(
    (from, key) => (from as Record<string, unknown>)[key],
    stats,
  );
}

function samplesOf(metric: Metric, { labels, stats }: Labelled): Sample[] {
  const figure = figureOf(stats, metric.name);
  if (metric.kind === "histogram") {
    return histogramSamples(figure as HistogramStats, labels);
  }
  const { by } = metric;
  if (by === undefined) {
    const inSeconds = metric.unit === "ms" ? MS_PER_SECOND : 1;
    return [{ suffix: "", labels, value: figure as number / inSeconds }];
  }
  return Object.entries(figure as Record<string, number>)
    .map(([which, value]) => ({
      suffix: "",
      labels: { ...labels, [by]: which },
      value,
    }));
}

function histogramSamples(
  { buckets, count, sumMs }: HistogramStats,
  labels: Labels,
): Sample[] {
  const samples: Sample[] = [];
  const add = (suffix: Sample["suffix"], value: number, le?: string) =>
    samples.push({
      suffix,
      labels: le === undefined ? labels : { ...labels, le },
      value,
    });
  let below = 0;
  let next = 0;
  for (let last = BUCKETS.first; last <= BUCKETS.last; last += BUCKETS.step) {
    for (; next <= last; next++) below += buckets[next] ?? 0;
    add("_bucket", below, String(bucketEndMs(last) / MS_PER_SECOND));
  }
  add("_bucket", count, "+Inf");
  add("_sum", sumMs / MS_PER_SECOND);
  add("_count", count);
  return samples;
}
