import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Adapter,
  type DispatchContext,
  hostAdapter,
  ReactRuntime,
  SimNetwork,
} from "../../mod.ts";
import { eventually, sink } from "../conformance/support.ts";
import { tcp } from "../support/tcp.ts";

describe("graceMs of stop", () => {
  it("ends a connection whose peer does not read, and the stop, to the millisecond", async () => {
    const network = new SimNetwork({ latencyMs: 1, jitterMs: 0 });
    const server = new ReactRuntime({
      adapter: network.host("server").adapter,
    });
    const client = new ReactRuntime({
      adapter: network.host("client").adapter,
    });
    await server.listen("server:80", {
      onNewConnection: () => ({
        reactor: sink({ onConnected: (ctx) => ctx.pauseReading() }),
      }),
    });
    let ctx: DispatchContext | undefined;
    await client.connect(
      "server:80",
      sink({ onConnected: (context) => void (ctx = context) }),
      { closeTimeoutMs: 60_000 },
    );
    await network.sleep(100);
    ctx?.sendOrQueue(new Uint8Array(8 * 1024 * 1024));
    const start = network.now();
    await client.stop({ graceMs: 200 });
    const ms = network.now() - start;
    assert.ok(ms >= 200 && ms <= 210, `stopped after ${ms} ms`);
    await server.stop({ graceMs: 0 });
  });

  it("leaves no timer behind when it is over, whatever does not close", async () => {
    const { endOfTurn, clock, ...host } = hostAdapter();
    const armed = new Set<unknown>();
    let destroyed = false;
    const address = tcp("127.0.0.1", 1);
    const adapter: Adapter = {
      ...host,
      endOfTurn,
      clock: {
        now: clock.now,
        wallNow: clock.wallNow,
        setTimer(callback, delayMs) {
          const timer = clock.setTimer(() => {
            armed.delete(timer);
            callback();
          }, delayMs);
          armed.add(timer);
          return timer;
        },
        clearTimer(timer) {
          armed.delete(timer);
          clock.clearTimer(timer);
        },
      },
      connect(_options, events) {
        queueMicrotask(() =>
          events.onConnect({
            localAddress: tcp("127.0.0.1", 2),
            remoteAddress: address,
            borrowsWrites: false,
            setOptions() {},
            start() {},
            write: () => 0,
            pause() {},
            resume() {},
            shutdownWrite() {},
            destroy: () => void (destroyed = true),
          })
        );
        return { cancel() {} };
      },
    };
    const runtime = new ReactRuntime({ adapter });
    await runtime.connect(address, sink());
    void runtime.stop({ graceMs: 100 });
    await eventually(() => destroyed, "the abort");
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(armed.size, 0);
  });
});
