// Time limits to the millisecond, which only a virtual clock allows.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CloseTimeoutError,
  type ConnectOptions,
  type DispatchContext,
  IdleTimeoutError,
  type Reactor,
  ReactRuntime,
  SimNetwork,
} from "../mod.ts";
import { CountingAdapter } from "./conformance/counting_adapter.ts";
import { sink } from "./conformance/support.ts";

const LATENCY_MS = 1;

/** How a connection ended, and when. */
interface End {
  reason: Error | undefined;
  ms: number;
}

/** A connection in a simulated network, and its end. */
async function open(options: ConnectOptions): Promise<{
  network: SimNetwork;
  client: DispatchContext;
  server: DispatchContext;
  ended: () => End | undefined;
}> {
  const network = new SimNetwork({ latencyMs: LATENCY_MS, jitterMs: 0 });
  const runtimeOf = (host: string) =>
    new ReactRuntime({ adapter: network.host(host).adapter });
  const contexts: DispatchContext[] = [];
  const onConnected = (ctx: DispatchContext) => void contexts.push(ctx);
  let end: End | undefined;
  await runtimeOf("server").listen("server:80", {
    onNewConnection: () => ({ reactor: sink({ onConnected }) }),
  });
  await runtimeOf("client").connect(
    "server:80",
    sink({
      onConnected,
      onClose(_reactorId, _cmdSender, reason) {
        end = { reason, ms: network.now() };
      },
    }),
    options,
  );
  await network.until(() => contexts.length === 2);
  const [client, server] = contexts[0].socket.remoteAddress.port === 80
    ? contexts
    : contexts.toReversed();
  return { network, client, server, ended: () => end };
}

function assertBetween(value: number, least: number, most: number): void {
  assert.ok(value >= least && value <= most, `${least} <= ${value} <= ${most}`);
}

describe("idleTimeoutMs", () => {
  it("counts from the last byte that went out", async () => {
    const { network, client, ended } = await open({ idleTimeoutMs: 1000 });
    await network.sleep(300);
    client.sendOrQueue(Uint8Array.of(1));
    const sentAt = network.now();
    await network.until(() => ended() !== undefined);
    const { reason, ms } = ended()!;
    assert.ok(reason instanceof IdleTimeoutError);
    assertBetween(ms - sentAt, 1000, 1010);
  });

  it("counts from the last byte that sendNoQueue sent", async () => {
    const { network, client, ended } = await open({ idleTimeoutMs: 1000 });
    for (let i = 0; i < 5; i++) {
      await network.sleep(300);
      assert.equal(client.sendNoQueue(Uint8Array.of(1)), 1);
    }
    assert.equal(ended(), undefined);
    const sentAt = network.now();
    await network.until(() => ended() !== undefined);
    assertBetween(ended()!.ms - sentAt, 1000, 1010);
  });

  it("counts from the last byte that came in", async () => {
    const { network, server, ended } = await open({ idleTimeoutMs: 1000 });
    await network.sleep(300);
    server.sendOrQueue(Uint8Array.of(1));
    const sentAt = network.now();
    await network.until(() => ended() !== undefined);
    assertBetween(ended()!.ms - sentAt, 1000 + LATENCY_MS, 1010);
  });

  it("spares a connection on which something moves in time, and no other", async () => {
    const { network, client, ended } = await open({ idleTimeoutMs: 100 });
    for (let i = 0; i < 50; i++) {
      client.sendOrQueue(Uint8Array.of(1));
      await network.sleep(90);
      assert.equal(ended(), undefined);
    }
    await network.sleep(100);
    assert.ok(ended()?.reason instanceof IdleTimeoutError);
  });
});

describe("closeTimeoutMs", () => {
  it("counts from the close if the peer does not answer", async () => {
    const { network, client, ended } = await open({ closeTimeoutMs: 700 });
    network.partition("client", "server");
    client.close();
    const closedAt = network.now();
    await network.until(() => ended() !== undefined);
    const { reason, ms } = ended()!;
    assert.ok(reason instanceof CloseTimeoutError);
    assertBetween(ms - closedAt, 700, 710);
  });

  it("needs no timer if the peer has ended and nothing is left to send", async () => {
    const network = new SimNetwork();
    const adapterOf = (host: string) => network.host(host).adapter;
    const counting = new CountingAdapter(adapterOf("server"));
    const served = new ReactRuntime({ adapter: counting });
    let reason: Error | undefined | null = null;
    const onClose: Reactor["onClose"] = (_id, _sender, why) => reason = why;
    await served.listen("server:80", {
      onNewConnection: () => ({ reactor: sink({ onClose }) }),
    });
    await new ReactRuntime({ adapter: adapterOf("client") }).connect(
      "server:80",
      sink({ onConnected: (ctx) => ctx.close() }),
    );
    await network.until(() => reason !== null);
    assert.equal(reason, undefined);
    assert.equal(counting.countTimers, 0);
  });
});
