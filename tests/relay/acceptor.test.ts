import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hostAdapter, SocketFailure } from "../../mod.ts";
import { PollBarrier } from "../../src/core/poll_barrier.ts";
import { RelayKind } from "../../src/threads/relay/protocol.ts";
import { relayedListener } from "../../src/threads/relay/relayed_listener.ts";
import { eventually, quietly, signal } from "../conformance/support.ts";
import { fakeRelay, FakeSocket } from "./fake_relay.ts";
import { channel, LOCAL } from "./ports.ts";

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

  it("drops and counts a connection that no thread takes, and says so, and one that comes as it closes, without a word", async () => {
    const { acceptor, events, real, warnings, drops, end } = await fakeRelay();
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
    assert.deepEqual(drops, ["noThread", "closing"]);
  });

  it("drops and counts a connection whose worker listens no more", async () => {
    const { acceptor, events, drops, end } = await fakeRelay();
    const { near, far } = channel();
    acceptor.addPort(2, near);
    const opened = signal<number>();
    far.on("message", (message) => {
      const [kind, id] = message as [number, number];
      if (kind === RelayKind.Open) opened.resolve(id);
    });
    const late = new FakeSocket();
    events.onAccept(late);
    far.postMessage([RelayKind.Refuse, await opened.promise]);
    await eventually(() => drops.length === 1, "it is counted");
    assert.deepEqual(drops, ["closing"]);
    assert.deepEqual(late.calls, ["destroy"]);
    late.events.onClose();
    await end();
  });

  it("hears of a worker that listens no more what it does not take", async () => {
    const { near, far } = channel();
    const barrier = new PollBarrier(hostAdapter());
    const events = {
      onAccept: () => assert.fail("it is accepted"),
      onAcceptError: () => assert.fail("it fails"),
    };
    const { address } = LOCAL;
    const listener = relayedListener(far, address, events, barrier);
    const refused = signal<unknown>();
    near.on("message", (message) => {
      if ((message as number[])[0] === RelayKind.Refuse) {
        refused.resolve(message);
      }
    });
    const closed = listener.close();
    near.postMessage([RelayKind.Open, 7, address, address]);
    assert.deepEqual(await refused.promise, [RelayKind.Refuse, 7]);
    near.postMessage([RelayKind.Retire, 0]);
    await closed;
    near.close();
  });
});
