import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SocketFailure } from "../../mod.ts";
import { quietly } from "../conformance/support.ts";
import { fakeRelay, FakeSocket } from "./fake_relay.ts";

describe("an acceptor", () => {
  it("goes on at once after a transient failure, and backs off when out of resources", () =>
    quietly(async () => {
      const { events, calls, timers, failures, end } = await fakeRelay();
      events.onAcceptError(new SocketFailure("transient", "again"));
      assert.deepEqual(calls, ["resume"]);
      for (let i = 0; i < 8; i++) {
        events.onAcceptError(new SocketFailure("exhausted", "no files"));
        assert.equal(calls.length, 1 + i);
        timers[i][0]();
        assert.equal(calls.length, 2 + i);
      }
      assert.deepEqual(
        timers.map(([, delayMs]) => delayMs),
        [20, 40, 80, 160, 320, 640, 1000, 1000],
      );
      assert.deepEqual(failures, []);
      await end();
    }));

  it("waits a short time again once it has accepted a connection, and says nothing new while it waits", () =>
    quietly(async () => {
      const { events, calls, timers, end } = await fakeRelay();
      const full = new SocketFailure("exhausted", "no files");
      for (const count of [1, 2, 3]) {
        events.onAcceptError(full);
        events.onAcceptError(full);
        assert.equal(timers.length, count);
        timers[count - 1][0]();
      }
      const second = new FakeSocket();
      events.onAccept(second);
      events.onAcceptError(full);
      assert.deepEqual(timers.map(([, delayMs]) => delayMs), [20, 40, 80, 20]);
      assert.deepEqual(calls, Array(3).fill("resume"));
      second.events.onClose();
      await end();
    }));

  it("closes after any other failure, and tells its host once", async () => {
    const { events, calls, failures, end } = await fakeRelay();
    const failure = new SocketFailure("denied", "no");
    events.onAcceptError(failure);
    events.onAcceptError(failure);
    assert.deepEqual(calls, ["close"]);
    assert.deepEqual(failures, [failure]);
    await end();
  });
});
