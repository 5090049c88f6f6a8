import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type FailureKind,
  hostAdapter,
  type ListenerEvents,
  ListenError,
  ReactRuntime,
  setLogSink,
  SimNetwork,
  SocketFailure,
} from "../../mod.ts";
import { echo, quietly, sink } from "../conformance/support.ts";
import { tcp } from "../support/tcp.ts";

/** Accepts in a row that fail by chance and are tried again at once. */
const AT_ONCE = 16;

/** A listener whose accepts end as a test says, on a clock that stands still until a timer is fired. */
async function heldListener() {
  let events!: ListenerEvents;
  let time = 0;
  const timers: { callback: () => void; due: number }[] = [];
  /** Told when sockets were served. */
  const polled: (() => void)[] = [];
  /** What the core has done. */
  const calls: string[] = [];
  const adapter = {
    ...hostAdapter(),
    clock: {
      ...hostAdapter().clock,
      now: () => time,
      setTimer(callback: () => void, delayMs: number) {
        const timer = { callback, due: time + delayMs };
        timers.push(timer);
        calls.push(`wait ${delayMs}`);
        return timer;
      },
      clearTimer() {},
    },
    afterPoll: (callback: () => void) => void polled.push(callback),
    listen(_options: unknown, given: ListenerEvents) {
      events = given;
      return Promise.resolve({
        address: tcp("127.0.0.1", 80),
        resume: () => void calls.push("resume"),
        close: () => Promise.resolve(void calls.push("close")),
      });
    },
  };
  const runtime = new ReactRuntime({ adapter });
  const reasons: (Error | undefined)[] = [];
  await runtime.listen("127.0.0.1:80", {
    onNewConnection: () => null,
    onCloseListen: (reason) => void reasons.push(reason),
  });
  return {
    calls,
    reasons,
    fail: (kind: FailureKind) =>
      events.onAcceptError(new SocketFailure(kind, new Error("no"))),
    /** A connection comes in; nobody wants it. */
    accept: () => events.onAccept({ destroy() {} } as never),
    /** The last wait is over. */
    fire() {
      const timer = timers.pop()!;
      time = timer.due;
      timer.callback();
      for (const callback of polled.splice(0)) callback();
    },
    stop: () => runtime.stop(),
  };
}

/** Counts the lines of the log while `body` runs. */
async function linesOf(body: () => Promise<void>): Promise<number> {
  let count = 0;
  const before = setLogSink(() => void count++);
  try {
    await body();
  } finally {
    setLogSink(before);
  }
  return count;
}

describe("a listener whose accept failed", () => {
  it("goes on accepting at once if the next one may succeed", async () => {
    const network = new SimNetwork({ latencyMs: 1, jitterMs: 0 });
    const host = network.host("server");
    const server = new ReactRuntime({ adapter: host.adapter });
    const client = new ReactRuntime({
      adapter: network.host("client").adapter,
    });
    let accepted = 0;
    await server.listen("server:80", {
      onNewConnection() {
        accepted++;
        return { reactor: sink({}) };
      },
    });
    host.failAccepts("transient");
    await client.connect("server:80", sink({})); // reset before it is accepted
    await network.idle();
    assert.equal(accepted, 0);
    const start = network.now();
    await client.connect("server:80", sink({}));
    await network.until(() => accepted === 1, { timeoutMs: 100 });
    assert.ok(network.now() - start < 10);
    await Promise.all([client.stop(), server.stop()]);
  });

  it("closes with ListenError if that is for good; its connections live on, and the address is free", () =>
    quietly(async () => {
      const network = new SimNetwork({ latencyMs: 1, jitterMs: 0 });
      const host = network.host("server");
      const server = new ReactRuntime({ adapter: host.adapter });
      const client = new ReactRuntime({
        adapter: network.host("client").adapter,
      });
      const reasons: unknown[] = [];
      const handler = {
        onNewConnection: () => ({ reactor: echo() }),
        onCloseListen: (reason?: Error) => void reasons.push(reason),
      };
      await server.listen("server:80", handler);
      let answers = 0;
      const send = (ctx: { sendOrQueue(bytes: Uint8Array): unknown }) =>
        void ctx.sendOrQueue(Uint8Array.of(1));
      let ask = () => {};
      await client.connect(
        "server:80",
        sink({
          onConnected(ctx) {
            ask = () => send(ctx);
          },
          onReadable({ reader }) {
            answers += reader.bytesBuffered;
            reader.clear();
          },
        }),
      );
      await network.until(() => server.connectionCount === 1);
      host.failAccepts("other");
      await client.connect("server:80", sink());
      await network.until(() => reasons.length > 0);
      const [reason] = reasons;
      assert.ok(reason instanceof ListenError);
      assert.match(reason.message, /Cannot accept on .*:80/);
      assert.equal(host.counts.listeners, 0);
      ask();
      await network.until(() => answers === 1);
      await server.listen("server:80", handler);
      await Promise.all([client.stop(), server.stop()]);
      assert.deepEqual(reasons.length, 2);
    }));

  it("waits, ever longer, once many in a row failed with no connection between them", () =>
    quietly(async () => {
      const { calls, fail, fire, stop } = await heldListener();
      for (const delayMs of [20, 40, 80, 160, 320, 640, 1000, 1000]) {
        for (let i = 0; i < AT_ONCE; i++) fail("transient");
        assert.deepEqual(calls.splice(0), Array(AT_ONCE).fill("resume"));
        fail("transient");
        assert.deepEqual(calls.splice(0), [`wait ${delayMs}`]);
        fire();
        assert.deepEqual(calls.splice(0), ["resume"]);
      }
      await stop();
    }));

  it("never waits for connections that were gone before it accepted them", () =>
    quietly(async () => {
      const { calls, fail, stop } = await heldListener();
      for (let i = 0; i < 10 * AT_ONCE; i++) fail("reset");
      assert.deepEqual(calls, Array(10 * AT_ONCE).fill("resume"));
      await stop();
    }));

  it("counts anew after each connection that it accepts", () =>
    quietly(async () => {
      const { calls, fail, accept, stop } = await heldListener();
      for (let i = 0; i < 5 * AT_ONCE; i++) {
        fail("transient");
        if (i % AT_ONCE === 0) accept();
      }
      assert.deepEqual(new Set(calls), new Set(["resume"]));
      await stop();
    }));

  it("waits a short time again once it has accepted a connection", () =>
    quietly(async () => {
      const { calls, fail, fire, accept, stop } = await heldListener();
      for (const delayMs of [20, 40, 80]) {
        fail("exhausted");
        assert.deepEqual(calls.splice(0), [`wait ${delayMs}`]);
        fire();
        assert.deepEqual(calls.splice(0), ["resume"]);
      }
      accept();
      fail("exhausted");
      assert.deepEqual(calls, ["wait 20"]);
      await stop();
    }));

  it("logs one line for each wait, also if the runtime goes on by itself and fails all the time", async () => {
    const { fail, fire, accept, stop } = await heldListener();
    const lines = await linesOf(async () => {
      for (let wait = 0; wait < 3; wait++) {
        for (let i = 0; i < 100; i++) {
          fail("exhausted");
          accept();
        }
        fire();
      }
      await stop();
    });
    assert.equal(lines, 3);
  });

  it("closes with ListenError if accepting cannot succeed any more", () =>
    quietly(async () => {
      const { calls, reasons, fail, stop } = await heldListener();
      fail("other");
      fail("other");
      await stop();
      assert.deepEqual(calls.filter((call) => call === "close"), ["close"]);
      assert.equal(reasons.length, 1);
      assert.ok(reasons[0] instanceof ListenError, String(reasons[0]));
      assert.match(reasons[0].message, /accept on 127\.0\.0\.1:80/);
    }));
});
