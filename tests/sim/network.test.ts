import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  DefaultTcpListenerHandler,
  InvalidOptionError,
  MessageResult,
  ReactRuntime,
  SimNetwork,
  type SimNetworkOptions,
  SimTimeoutError,
} from "../../mod.ts";
import { openRaw } from "./raw_peers.ts";

describe("a simulated network", () => {
  it("does the same on every runtime, decided by the seed", async () => {
    assert.equal((await echo({ seed: 1 })).traceHash, "7f39b4a30ab3c678");
    assert.equal(
      (await echo({ seed: 1, faults: "random" })).traceHash,
      "c3980bf4f613cf42",
    );
    assert.equal((await echo({ seed: 2 })).traceHash, "eb7f1747ab6c088a");
  });

  it("keeps the last lines of its trace, and a hash over all", async () => {
    const whole = await echo({});
    const last = await echo({ traceLimit: 5 });
    const none = await echo({ traceLimit: 0 });
    assert.equal(last.traceHash, whole.traceHash);
    assert.equal(none.traceHash, whole.traceHash);
    assert.deepEqual(last.trace, whole.trace.slice(-5));
    assert.deepEqual(none.trace, []);
    assert.match(whole.trace[0], /^ +0\.000 server listens on 0\.0\.0\.0:80$/);
  });

  it("refuses options outside their ranges, and names that are none", () => {
    const bad: SimNetworkOptions[] = [
      { seed: 0.5 },
      { latencyMs: -1 },
      { jitterMs: NaN },
      { bytesPerSecond: 0 },
      { sendBufferBytes: 0 },
      { receiveBufferBytes: 1.5 },
      { connectGiveUpMs: 0 },
      { sendGiveUpMs: Infinity },
      { traceLimit: -1 },
      { faults: { resets: 1.1 } },
      { faults: "wild" as "random" },
      { writes: "copies" as "counts" },
      { onlyFaults: ["resets@1c"] },
    ];
    for (const options of bad) {
      assert.throws(() => new SimNetwork(options), InvalidOptionError);
    }
    const network = new SimNetwork();
    for (const name of ["", "a.b", "1", "localhost", "::1", "a b"]) {
      assert.throws(() => network.host(name), InvalidOptionError);
    }
    assert.throws(() => network.partition("nobody"), InvalidOptionError);
    const host = network.host("a");
    assert.throws(() => host.pause(-1), InvalidOptionError);
    assert.throws(() => host.jumpWallClock(0.5), InvalidOptionError);
    assert.throws(
      () => network.setLink("a", "a", { latencyMs: -1 }),
      InvalidOptionError,
    );
  });
});

describe("virtual time", () => {
  it("passes without waiting, and not while promises are settled", async () => {
    const network = new SimNetwork();
    const start = performance.now();
    await network.sleep(86_400_000);
    assert.equal(network.now(), 86_400_000);
    for (let i = 0; i < 1000; i++) await Promise.resolve();
    assert.equal(network.now(), 86_400_000);
    assert.ok(performance.now() - start < 10_000);
  });

  it("is what the clocks of a host show", async () => {
    const network = new SimNetwork();
    const host = network.host("a");
    await network.sleep(1500.25);
    assert.equal(host.adapter.clock.now(), 1500.25);
    assert.equal(
      host.adapter.clock.wallNow(),
      Date.UTC(2026, 0, 1, 0, 0, 1, 500),
    );
    host.jumpWallClock(-500);
    assert.equal(host.adapter.clock.wallNow(), Date.UTC(2026, 0, 1, 0, 0, 1));
    assert.equal(host.adapter.clock.now(), 1500.25);
  });

  it("fires timers in the order of their times, on time, and not if they are cleared", async () => {
    const network = new SimNetwork();
    const { adapter } = network.host("a");
    const fired: string[] = [];
    for (const ms of [5, 3, 0.0001, 3, 0]) {
      adapter.clock.setTimer(
        () => fired.push(`${ms} at ${adapter.clock.now()}`),
        ms,
      );
    }
    const timer = adapter.clock.setTimer(() => fired.push("cleared"), 4);
    adapter.clock.setTimer(() => adapter.clock.clearTimer(timer), 4);
    adapter.clock.clearTimer(timer);
    await network.idle();
    assert.deepEqual(fired, [
      "0.0001 at 0.001",
      "0 at 0.001",
      "3 at 3",
      "3 at 3",
      "5 at 5",
    ]);
    adapter.clock.clearTimer(timer);
  });

  it("passes for who sleeps, or sets a timer, for no time again and again", async () => {
    const network = new SimNetwork();
    for (let i = 0; i < 10; i++) await network.sleep(0);
    assert.equal(network.now(), 0.01);
    const { adapter } = network.host("a");
    let left = 10;
    const again = () => left-- > 0 && adapter.clock.setTimer(again, 0);
    again();
    await network.idle();
    assert.equal(network.now(), 0.02);
  });

  it("ends the turn for who asked first before those who asked later", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const network = new SimNetwork({ seed });
      const host = network.host("a");
      const called: number[] = [];
      for (let i = 0; i < 10; i++) {
        host.adapter.endOfTurn(() => called.push(i));
        if (i === 4) host.pause(1);
        if (i === 7) await network.sleep(0.003);
      }
      await network.idle();
      assert.deepEqual(called, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });

  it("until resolves when its condition holds, rejects when it throws, or in time", async () => {
    const network = new SimNetwork();
    let count = 0;
    network.host("a").adapter.clock.setTimer(() => count++, 10);
    await network.until(() => count === 1);
    assert.equal(network.now(), 10);
    await assert.rejects(
      network.until(() => false, { timeoutMs: 5, what: "a miracle" }),
      (error: Error) =>
        error instanceof SimTimeoutError &&
        /a miracle.* 5 ms/.test(error.message),
    );
    assert.equal(network.now(), 15);
    network.host("a").adapter.clock.setTimer(() => count++, 10);
    const failing = network.until(() => {
      if (count === 2) throw new RangeError("two");
      return false;
    });
    await assert.rejects(failing, RangeError);
    assert.equal(network.now(), 25);
  });

  it("idle resolves when nothing is left to happen, at once if nothing is", async () => {
    const network = new SimNetwork();
    await network.idle();
    network.host("a").adapter.clock.setTimer(() => {
      network.host("a").adapter.clock.setTimer(() => {}, 30);
    }, 10);
    await network.idle();
    assert.equal(network.now(), 40);
  });
});

describe("an event of the simulated adapter", () => {
  it("never comes from inside a call", async () => {
    const { network, client, server } = await openRaw({ writes: "mixed" });
    let isInside = false;
    client.onEvent = server.onEvent = () => assert.ok(!isInside);
    const inside = (call: () => void) => {
      isInside = true;
      call();
      isInside = false;
    };
    inside(() => client.write(1, 2, 3));
    await network.idle();
    inside(() => server.socket.pause());
    inside(() => server.socket.resume());
    inside(() => client.socket.shutdownWrite());
    await network.idle();
    inside(() => server.socket.destroy());
    await network.idle();
    assert.deepEqual(network.violations, []);
    assert.equal(server.heard.at(-1), "close");
    assert.equal(client.heard.at(-1), "close reset");
  });

  it("that throws is thrown to the host, and the simulation goes on", async () => {
    const network = new SimNetwork();
    const { adapter } = network.host("a");
    const host = globalThis as unknown as {
      setImmediate(callback: () => void): unknown;
    };
    const { setImmediate } = host;
    const thrown: unknown[] = [];
    host.setImmediate = (callback) =>
      setImmediate(() => {
        try {
          callback();
        } catch (error) {
          thrown.push(error);
        }
      });
    try {
      adapter.clock.setTimer(() => {
        throw new RangeError("lost");
      }, 1);
      await network.sleep(2);
      await network.sleep(2);
    } finally {
      host.setImmediate = setImmediate;
    }
    assert.equal(thrown.length, 1);
    assert.ok(thrown[0] instanceof RangeError);
  });
});

/** Echo of 20000 bytes between two runtimes. */
async function echo(options: SimNetworkOptions): Promise<SimNetwork> {
  const network = new SimNetwork(options);
  const server = new ReactRuntime({ adapter: network.host("server").adapter });
  const client = new ReactRuntime({ adapter: network.host("client").adapter });
  await server.listen(
    "0.0.0.0:80",
    new DefaultTcpListenerHandler(() => ({
      onInboundMessage(buf, ctx) {
        ctx.sendOrQueue(buf);
        return MessageResult.dropMsgSize(buf.length);
      },
    })),
  );
  let received = 0;
  let isClosed = false;
  await client.connect("server:80", {
    onConnected: (ctx) => void ctx.sendOrQueue(new Uint8Array(20_000)),
    onInboundMessage(buf) {
      received += buf.length;
      return MessageResult.dropMsgSize(buf.length);
    },
    onClose: () => void (isClosed = true),
  }).catch(() => isClosed = true);
  await network.until(() => isClosed || received === 20_000);
  await Promise.all([server.stop(), client.stop()]);
  assert.deepEqual(network.violations, []);
  return network;
}
