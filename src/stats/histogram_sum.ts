import type { HistogramStats } from "./histogram.ts";

/** The statistics of no times. */
export function noTimes(): HistogramStats {
  return { count: 0, sumMs: 0, minMs: 0, maxMs: 0, buckets: [] };
}

/** The sum of `one` and `other`; a copy. */
export function bothTimes(
  one: HistogramStats,
  other: HistogramStats,
): HistogramStats {
  const length = Math.max(one.buckets.length, other.buckets.length);
  const shortest = [one, other].filter(({ count }) => count > 0)
    .map(({ minMs }) => minMs);
  return {
    count: one.count + other.count,
    sumMs: one.sumMs + other.sumMs,
    minMs: shortest.length === 0 ? 0 : Math.min(...shortest),
    maxMs: Math.max(one.maxMs, other.maxMs),
    buckets: Array.from(
      { length },
      (_, i) => (one.buckets[i] ?? 0) + (other.buckets[i] ?? 0),
    ),
  };
}
