import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ListenError, ReactRuntime, SimNetwork } from "../mod.ts";
import { echo, quietly, sink } from "./conformance/support.ts";

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
        onCloseListen: (_id: unknown, _sender: unknown, reason?: Error) =>
          void reasons.push(reason),
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
            answers += reader.bytesInBuffer();
            reader.clear();
          },
        }),
      );
      await network.until(() => server.countStreams() === 1);
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

  it("waits longer each time while nothing can be accepted, and not for long again after a success", () =>
    quietly(async () => {
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
      const waits: number[] = [];
      for (const countFailures of [1, 4, 1]) {
        const before = accepted;
        host.failAccepts("exhausted", countFailures);
        const start = network.now();
        await client.connect("server:80", sink({}));
        await network.until(() => accepted > before);
        waits.push(Math.floor((network.now() - start) / 10) * 10);
      }
      assert.deepEqual(waits, [20, 20 + 40 + 80 + 160, 20]);
      await Promise.all([client.stop(), server.stop()]);
    }));
});
