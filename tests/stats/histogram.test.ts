import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  bucketEndMs,
  InvalidOptionError,
  quantile,
  SimRandom,
} from "../../mod.ts";
import { Histogram } from "../../src/stats/histogram.ts";
import { bothTimes, noTimes } from "../../src/stats/histogram_sum.ts";

/** Times of every size, from below a microsecond to two minutes. */
function someTimes(count: number, seed: number): number[] {
  const random = new SimRandom(seed);
  return Array.from(
    { length: count },
    () => 2 ** (random.integer(0, 28_000) / 1000 - 11),
  );
}

function histogramOf(times: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const ms of times) histogram.record(ms);
  return histogram;
}

describe("a histogram", () => {
  it("counts, sums, and keeps the shortest and the longest", () => {
    const stats = histogramOf([3, 1, 0.5, 1]).stats();
    assert.equal(stats.count, 4);
    assert.equal(stats.sumMs, 5.5);
    assert.equal(stats.minMs, 0.5);
    assert.equal(stats.maxMs, 3);
    assert.equal(stats.buckets.reduce((sum, n) => sum + n, 0), 4);
  });

  it("of nothing has no buckets, and zeros", () => {
    assert.deepEqual(new Histogram().stats(), {
      count: 0,
      sumMs: 0,
      minMs: 0,
      maxMs: 0,
      buckets: [],
    });
    assert.equal(quantile(new Histogram().stats(), 0.5), 0);
  });

  it("has each time in the bucket that begins at it or before, and ends behind it", () => {
    const ends = Array.from({ length: 101 }, (_, i) => bucketEndMs(i));
    const times = [0, ...ends.slice(0, -1), ...someTimes(2000, 1)];
    for (const ms of times) {
      const index = histogramOf([ms]).stats().buckets.length - 1;
      assert.ok(ms < ends[index], `${ms} ms in bucket ${index}`);
      if (index > 0) assert.ok(ms >= ends[index - 1], `${ms} in ${index}`);
    }
  });

  it("has buckets a quarter of where they begin wide, from 1/256 ms on, to 65,536 ms", () => {
    for (let i = 4; i < 100; i++) {
      const [start, end] = [bucketEndMs(i - 1), bucketEndMs(i)];
      assert.ok(end - start <= start / 4, `bucket ${i}`);
    }
    assert.equal(bucketEndMs(3), 1 / 256);
    assert.equal(bucketEndMs(99), 65_536);
    assert.equal(bucketEndMs(100), Infinity);
  });

  it("tells quantiles that are off by a quarter at most", () => {
    const times = someTimes(5000, 2).map((ms) => Math.min(ms, 60_000))
      .sort((a, b) => a - b);
    const stats = histogramOf(times).stats();
    for (const share of [0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1]) {
      const rank = Math.max(Math.ceil(share * times.length), 1);
      const exact = times[rank - 1];
      const estimate = quantile(stats, share);
      assert.ok(
        Math.abs(estimate - exact) <= exact / 4 + 1 / 1024,
        `${share}: ${estimate}, and is ${exact}`,
      );
    }
    assert.equal(quantile(stats, 1), times[times.length - 1]);
  });

  it("tells no quantile outside of what was measured", () => {
    const stats = histogramOf([100_000, 70_000]).stats();
    for (const share of [0, 0.5, 1]) {
      const estimate = quantile(stats, share);
      assert.ok(estimate >= 70_000 && estimate <= 100_000, `${estimate}`);
    }
    assert.throws(() => quantile(stats, 1.1), InvalidOptionError);
    assert.throws(() => quantile(stats, NaN), InvalidOptionError);
  });

  it("and another are together what one would have counted", () => {
    const [a, b] = [someTimes(500, 3), someTimes(10, 4)];
    const { sumMs, ...rest } = [histogramOf(b), histogramOf(a), new Histogram()]
      .map((one) => one.stats()).reduce(bothTimes, noTimes());
    const { sumMs: expected, ...others } = histogramOf([...a, ...b]).stats();
    assert.deepEqual(rest, others);
    assert.ok(Math.abs(sumMs - expected) < expected / 1e9);
    assert.deepEqual(bothTimes(noTimes(), noTimes()), noTimes());
  });
});
