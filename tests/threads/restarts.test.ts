import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Restarts } from "../../src/threads/manager/restarts.ts";

describe("how often a runtime is restarted", () => {
  const newRestarts = (restart = true) => {
    const clock = { now: 0 };
    const policy = { restart, maxRestarts: 2, restartWindowMs: 1000 };
    return { clock, restarts: new Restarts(policy, () => clock.now) };
  };

  it("maxRestarts times within restartWindowMs, and again when these are past", () => {
    const { clock, restarts } = newRestarts();
    const allowAt = (now: number) => {
      clock.now = now;
      return restarts.allow(0);
    };
    assert.deepEqual(
      [0, 500, 999, 1000, 1499, 1500, 1999, 2000, 10_000, 10_001, 10_002]
        .map(allowAt),
      [
        true,
        true,
        false,
        true,
        false,
        true,
        false,
        true,
        true,
        true,
        false,
      ],
    );
  });

  it("counted for each runtime separately", () => {
    const { restarts } = newRestarts();
    assert.deepEqual(
      [0, 0, 0, 1, 1, 1].map((id) => restarts.allow(id)),
      [true, true, false, true, true, false],
    );
  });

  it("1022 times in all, as its ids of reactors are used up then", () => {
    const { clock, restarts } = newRestarts();
    let count = 0;
    for (restarts.begin(0); restarts.allow(0); restarts.begin(0)) {
      count++;
      clock.now += 10_000;
    }
    assert.equal(count, 1022);
  });

  it("never if restart is off", () => {
    assert.equal(newRestarts(false).restarts.allow(0), false);
  });

  it("and if it is not any more, the log can say why", () => {
    const { clock, restarts } = newRestarts();
    while (restarts.allow(0));
    assert.equal(
      restarts.whyNot(0),
      "maxRestarts (2 within 1000 ms) is reached",
    );
    do {
      restarts.begin(0);
      clock.now += 10_000;
    } while (restarts.allow(0));
    assert.equal(restarts.whyNot(0), "its ids of reactors are used up");
    assert.equal(newRestarts(false).restarts.whyNot(0), "");
  });
});
