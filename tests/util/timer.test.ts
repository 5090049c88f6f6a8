import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Timer } from "../../src/util/timer.ts";

describe("Timer", () => {
  it("expires after its duration and not before", async () => {
    const begin = performance.now();
    const timer = new Timer(50);
    assert.equal(timer.isExpired && performance.now() - begin < 50, false);
    while (!timer.isExpired) await timer.sleepOrExpire(10);
    assert.ok(performance.now() - begin >= 50);
    assert.ok(timer.elapsedMs >= 50);
  });

  it("a duration of 0 has expired at once", () => {
    assert.equal(new Timer(0).isExpired, true);
  });

  it("elapsedMillis counts on from the making, with fractions", () => {
    const timer = new Timer(0);
    const readings = Array.from({ length: 1000 }, () => timer.elapsedMs);
    assert.ok(readings.every((ms, i) => i === 0 || ms >= readings[i - 1]));
    assert.ok(readings[0] >= 0);
    const end = performance.now() + 5;
    while (performance.now() < end);
    assert.ok(timer.elapsedMs >= 5);
  });

  it("sleepOrExpire wakes at the end of the timer if that is first", async () => {
    const timer = new Timer(20);
    await timer.sleepOrExpire(60_000);
    assert.ok(timer.elapsedMs < 30_000);
    await timer.sleepOrExpire(1);
    await timer.sleepOrExpire(60_000); // has expired: at once
    assert.ok(timer.elapsedMs < 30_000);
  });

  it("sleepOrExpire sleeps for the duration if that is first", async () => {
    const timer = new Timer(60_000);
    await timer.sleepOrExpire(20);
    assert.ok(timer.elapsedMs >= 19);
    assert.ok(timer.elapsedMs < 30_000);
    assert.equal(timer.isExpired, false);
  });
});
