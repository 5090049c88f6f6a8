/**
 * Distributions of durations, in a fixed number of buckets.
 *
 * @module
 */

import { checkArgument } from "../api/check_argument.ts";
import { checkOption, number } from "../api/options/rules.ts";

/**
 * A distribution of durations: a plain object, which can be sent to another
 * thread or written as JSON.
 *
 * There are at most 101 buckets. Below 1/256 ms each is 1/1024 ms wide; above
 * that, each doubling of the time has four, which are at most a quarter of
 * their lower bound wide. The last one has everything from 65,536 ms on.
 * {@linkcode bucketEndMs} returns where a bucket ends, and {@linkcode quantile}
 * estimates from them.
 *
 * @category Statistics
 */
export interface HistogramStats {
  /** The number of measurements. */
  readonly count: number;
  /** Their sum, in milliseconds. */
  readonly sumMs: number;
  /** The shortest, in milliseconds; 0 if there is none. */
  readonly minMs: number;
  /** The longest, in milliseconds; 0 if there is none. */
  readonly maxMs: number;
  /**
   * The number of measurements in each bucket, up to the last bucket that has
   * any.
   */
  readonly buckets: readonly number[];
}

/** Durations are counted in units of 1 ms divided by this. */
const UNITS_PER_MS = 1024;

/** How many bits after the leading one choose the bucket: each power of two has 4 buckets. */
const BITS = 2;

/** The last bucket holds durations of 2^26 units or more. */
const MAX_BITS = 26;

/** The number of buckets. */
const BUCKET_COUNT = ((MAX_BITS - BITS) << BITS) + (1 << BITS) + 1;

/** The bucket of a duration. */
function bucketOf(ms: number): number {
  const units = ms * UNITS_PER_MS;
  if (!(units < 2 ** MAX_BITS)) return BUCKET_COUNT - 1;
  const whole = units | 0;
  if (whole < 1 << BITS) return Math.max(0, whole);
  const power = 31 - Math.clz32(whole);
  const step = (whole >>> (power - BITS)) & ((1 << BITS) - 1);
  return ((power - BITS + 1) << BITS) + step;
}

/**
 * Tells where a bucket of a {@linkcode HistogramStats} ends.
 *
 * @param index Which bucket, from 0.
 * @returns Milliseconds, exclusive: where the next begins; `Infinity` for the last.
 *
 * @example
 * ```ts
 * import { bucketEndMs } from "@reactio/reactio";
 *
 * console.log(bucketEndMs(40), bucketEndMs(41)); // 1.25 1.5
 * ```
 *
 * @category Statistics
 */
export function bucketEndMs(index: number): number {
  const next = index + 1;
  if (next >= BUCKET_COUNT) return Infinity;
  const step = next & ((1 << BITS) - 1);
  const power = next >> BITS;
  const units = power === 0 ? next : ((1 << BITS) + step) * 2 ** (power - 1);
  return units / UNITS_PER_MS;
}

const QUANTILE = number(0, 1);

/**
 * Estimates how long at most a share of all took.
 *
 * It finds the bucket by rank, and the place in it as if the times there were
 * spread evenly. So it is off by at most a quarter, and never outside of what was
 * measured.
 *
 * @param histogram What was timed.
 * @param share From 0 to 1: 0.5 is the median, 0.99 the 99th percentile.
 * @returns Milliseconds; 0 if nothing was timed.
 * @throws {InvalidArgumentError} If `histogram` is not a histogram.
 * @throws {InvalidOptionError} If `share` is out of range.
 *
 * @example
 * ```ts
 * import { quantile, ReactRuntime } from "@reactio/reactio";
 *
 * await using runtime = new ReactRuntime();
 * const { handlerTime } = runtime.stats();
 * console.log(quantile(handlerTime, 0.99)); // 0: nothing has run
 * ```
 *
 * @category Statistics
 */
export function quantile(histogram: HistogramStats, share: number): number {
  checkOption("the share of a quantile", share, QUANTILE);
  checkArgument(histogram, "a histogram", "buckets", "object");
  const { count, minMs, maxMs, buckets } = histogram;
  const rank = share * count;
  let below = 0;
  for (const [index, inBucket] of buckets.entries()) {
    if (inBucket > 0 && below + inBucket >= rank) {
      const start = index === 0 ? 0 : bucketEndMs(index - 1);
      const end = Math.min(bucketEndMs(index), maxMs);
      const estimate = start + (end - start) * (rank - below) / inBucket;
      return Math.min(Math.max(estimate, minMs), maxMs);
    }
    below += inBucket;
  }
  return maxMs;
}

/** Collects times in buckets. */
export class Histogram {
  #count = 0;
  #sumMs = 0;
  #minMs = Infinity;
  #maxMs = 0;
  readonly #buckets = new Float64Array(BUCKET_COUNT);

  record(ms: number): void {
    this.#count++;
    this.#sumMs += ms;
    if (ms < this.#minMs) this.#minMs = ms;
    if (ms > this.#maxMs) this.#maxMs = ms;
    this.#buckets[bucketOf(ms)]++;
  }

  stats(): HistogramStats {
    const last = this.#buckets.findLastIndex((inBucket) => inBucket > 0);
    return {
      count: this.#count,
      sumMs: this.#sumMs,
      minMs: this.#count === 0 ? 0 : this.#minMs,
      maxMs: this.#maxMs,
      buckets: Array.from(this.#buckets.subarray(0, last + 1)),
    };
  }
}
