import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SocketFailure } from "../../mod.ts";
import { quietly } from "../conformance/support.ts";
import { fakeRelay, FakeSocket } from "./fake_relay.ts";

describe("an acceptor", () => {
  it("goes on at once after a transient failure, and backs off when out of resources, which it says", () =>
    quietly(async () => {
      const relay = await fakeRelay();
      const { events, calls, timers, failures, warnings, end } = relay;
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
      assert.equal(warnings.length, 8);
      assert.match(warnings[0], /127\.0\.0\.1:1,.* in 20 ms: no files$/);
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

  it("drops a connection that no thread takes, and says so; not so one that comes as it closes", async () => {
    const { acceptor, events, real, warnings, end } = await fakeRelay();
    acceptor.removePort(1);
    assert.deepEqual(real.calls, ["destroy"]);
    const [untaken, late] = [new FakeSocket(), new FakeSocket()];
    events.onAccept(untaken);
    assert.deepEqual(untaken.calls, ["destroy"]);
    const told = [
      "the listener on 127.0.0.1:1 dropped a connection of 127.0.0.1:2: no thread takes it",
    ];
    assert.deepEqual(warnings, told);
    await end();
    events.onAccept(late);
    assert.deepEqual(late.calls, ["destroy"]);
    assert.deepEqual(warnings, told);
  });
});
