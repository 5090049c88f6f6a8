import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type DispatchContext, ReactRuntime, SimNetwork } from "../mod.ts";
import { sink } from "./conformance/support.ts";

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
});
