import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SampledTimes, UNTIMED } from "../../src/stats/sampled_times.ts";

/** Has `count` of them come, each `ms` after the one before; returns which were timed. */
function timed(count: number, ms: number): number[] {
  let now = 0;
  const times = new SampledTimes({ now: () => now });
  const found = [];
  for (let i = 0; i < count; i++) {
    now += ms;
    const startedAt = times.begin();
    if (startedAt === UNTIMED) continue;
    assert.equal(startedAt, now);
    times.end(startedAt);
    found.push(i);
  }
  assert.equal(times.histogram.stats().count, found.length);
  return found;
}

describe("sampled times", () => {
  it("time each that comes seldom", () => {
    assert.equal(timed(1000, 0.2).length, 1000);
  });

  it("time one in 64 of what comes very often, not the same in turn", () => {
    const COUNT = 640_000;
    const found = timed(COUNT, 0.0001);
    assert.ok(found.length < COUNT / 50, `${found.length}`);
    assert.ok(found.length > COUNT / 80, `${found.length}`);
    for (const many of [2, 16, 50, 64]) {
      const each = new Set(found.map((i) => i % many));
      assert.equal(each.size, many, `of ${many} in turn`);
    }
  });

  it("time more again when it comes less often", () => {
    let now = 0;
    const times = new SampledTimes({ now: () => now });
    const begin = (ms: number) => {
      now += ms;
      return times.begin() !== UNTIMED;
    };
    for (let i = 0; i < 10_000; i++) begin(0.0001);
    for (let i = 0; i < 1000; i++) begin(1);
    for (let i = 0; i < 100; i++) assert.ok(begin(1));
  });

  it("tell how long what was timed took", () => {
    let now = 0;
    const times = new SampledTimes({ now: () => now });
    const startedAt = times.begin();
    now = 5;
    assert.equal(times.end(startedAt), 5);
    assert.equal(times.histogram.stats().maxMs, 5);
  });
});
