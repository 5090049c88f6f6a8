import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BORROWED, hostAdapter, type ListenerEvents } from "../../mod.ts";
import { PollBarrier } from "../../src/core/poll_barrier.ts";
import { relayedListener } from "../../src/threads/relay/relayed_listener.ts";
import { eventually, sleep } from "../conformance/support.ts";
import { fakeRelay } from "./fake_relay.ts";
import { channel, LOCAL } from "./ports.ts";

const unheard: ListenerEvents = {
  onAccept: () => assert.fail(),
  onAcceptError: () => assert.fail(),
};

type Relay = Awaited<ReturnType<typeof fakeRelay>>;

/** Has the worker write a byte, which the acceptor's socket borrows. */
async function borrow({ real, socket }: Relay): Promise<void> {
  assert.equal(socket.write(Uint8Array.of(1), 0, 1), BORROWED);
  await eventually(() => real.written.length === 1, "it is borrowed");
}

/** Has the worker poll, which the log tells of. */
function poll({ barrier, log }: Relay): void {
  barrier.afterPoll(() => log.push("polled"));
}

/** Resolves when the acceptor has asked its adapter. */
function asked({ polls }: Relay): Promise<void> {
  return eventually(() => polls.length === 1, "the adapter is asked");
}

const answered = ({ log }: Relay) =>
  eventually(() => log.includes("polled"), "it is answered");

describe("a poll of connections that are relayed", () => {
  it("is over when the acceptor's sockets were served and all that they reported is in", async () => {
    const relay = await fakeRelay();
    poll(relay);
    await asked(relay);
    await sleep(20);
    assert.deepEqual(relay.log, []);
    relay.real.events.onData(Uint8Array.of(1, 2, 3), 3);
    relay.real.events.onEnd();
    relay.polls[0]();
    await answered(relay);
    assert.deepEqual(relay.log, [3, "end", "polled"]);
    await relay.end();
  });

  it("is over at once where there is none", async () => {
    const relay = await fakeRelay();
    relay.socket.destroy();
    poll(relay);
    assert.deepEqual(relay.log, ["polled"]);
    assert.equal(relay.polls.length, 0);
    await relay.end();
  });

  it("is over when the acceptor has closed the port, and costs nothing from then on", async () => {
    const relay = await fakeRelay();
    relay.socket.pause(); // holds the end back, so the connection stays
    relay.socket.shutdownWrite();
    await eventually(() => relay.real.calls.length > 0, "our FIN");
    relay.real.events.onEnd();
    poll(relay);
    await asked(relay);
    await relay.end();
    await answered(relay);
    poll(relay);
    assert.deepEqual(relay.log, ["polled", "polled"]);
    relay.polls[0](); // too late: nobody is there
    await sleep(20);
    assert.deepEqual(relay.log, ["polled", "polled"]);
  });

  it("is over when the worker has heard what was written before", async () => {
    const relay = await fakeRelay();
    await borrow(relay);
    poll(relay);
    await asked(relay);
    relay.real.events.onWritable();
    relay.polls[0]();
    await answered(relay);
    assert.deepEqual(relay.log, ["writable", "polled"]);
    await relay.end();
  });

  it("tells nothing of what is not written", async () => {
    const relay = await fakeRelay();
    await borrow(relay);
    poll(relay);
    await asked(relay);
    relay.polls[0]();
    await answered(relay);
    assert.deepEqual(relay.log, ["polled"]);
    await relay.end();
  });
});

describe("a relayed listener", () => {
  it("is closed with its port, if no acceptor has heard of it", async () => {
    const { near, far } = channel();
    const barrier = new PollBarrier(hostAdapter());
    const closing = relayedListener(far, LOCAL.address, unheard, barrier)
      .close();
    near.close();
    await closing;
  });
});
