// What a histogram of the inspector says: see HistogramStats of the library.

const UNITS_PER_MS = 1024;
const LAST = 100;

function bucketEnd(index) {
  const next = index + 1;
  if (next > LAST) return Infinity;
  const power = next >> 2;
  const units = power === 0 ? next : (4 + (next & 3)) * 2 ** (power - 1);
  return units / UNITS_PER_MS;
}

/** The buckets of `histograms` together, less those of `before`: what was timed since. */
export function since(histograms, before) {
  const buckets = [];
  const add = (histogram, sign) =>
    histogram.buckets.forEach((count, i) =>
      buckets[i] = (buckets[i] ?? 0) + sign * count
    );
  histograms.forEach((it) => add(it, 1));
  before.forEach((it) => add(it, -1));
  return Array.from(buckets, (count) => Math.max(0, count ?? 0));
}

/** Milliseconds that a share of all took at most; undefined if nothing was timed. */
export function quantile(buckets, share) {
  const rank = share * buckets.reduce((sum, count) => sum + count, 0);
  if (rank === 0) return undefined;
  let below = 0;
  for (const [index, count] of buckets.entries()) {
    if (count > 0 && below + count >= rank) {
      const start = index === 0 ? 0 : bucketEnd(index - 1);
      const end = bucketEnd(index) === Infinity ? start : bucketEnd(index);
      return start + (end - start) * (rank - below) / count;
    }
    below += count;
  }
}
