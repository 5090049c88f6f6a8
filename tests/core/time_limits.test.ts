// Time limits to the millisecond, which only a virtual clock allows.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CloseTimeoutError,
  type ConnectOptions,
  ConnectTimeoutError,
  Deferred,
  type DispatchContext,
  IdleTimeoutError,
  MessageResult,
  type Reactor,
  ReactRuntime,
  RuntimeStoppedError,
  type SendResult,
  SimNetwork,
} from "../../mod.ts";
import { CountingAdapter } from "../conformance/counting_adapter.ts";
import { sink } from "../conformance/support.ts";
import { asTcp } from "../support/tcp.ts";

const LATENCY_MS = 1;
const MIB = 2 ** 20;

/** How a connection ended, and when. */
interface End {
  reason: Error | undefined;
  ms: number;
}

/** A connection in a simulated network, and its end. */
async function open(options: ConnectOptions): Promise<{
  network: SimNetwork;
  runtime: ReactRuntime;
  client: DispatchContext;
  server: DispatchContext;
  /** How many bytes the server has. */
  received: () => number;
  ended: () => End | undefined;
}> {
  const network = new SimNetwork({ latencyMs: LATENCY_MS, jitterMs: 0 });
  const runtimeOf = (host: string) =>
    new ReactRuntime({ adapter: network.host(host).adapter });
  const contexts: DispatchContext[] = [];
  const onConnected = (ctx: DispatchContext) => void contexts.push(ctx);
  let received = 0;
  const onInboundMessage: Reactor["onInboundMessage"] = (buf) => {
    received += buf.length;
    return MessageResult.dropMsgSize(buf.length);
  };
  let end: End | undefined;
  await runtimeOf("server").listen("server:80", {
    onNewConnection: () => ({ reactor: { onConnected, onInboundMessage } }),
  });
  const runtime = runtimeOf("client");
  await runtime.connect(
    "server:80",
    sink({
      onConnected,
      onClose(reason) {
        end = { reason, ms: network.now() };
      },
    }),
    options,
  );
  await network.until(() => contexts.length === 2);
  const [client, server] = asTcp(contexts[0].socket.remoteAddress).port === 80
    ? contexts
    : contexts.toReversed();
  return {
    network,
    runtime,
    client,
    server,
    received: () => received,
    ended: () => end,
  };
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

  it("does not end a close that makes progress", async () => {
    const { network, client, server, received, ended } = await open({
      closeTimeoutMs: 1000,
    });
    client.sendOrQueue(new Uint8Array(2 * MIB));
    const begin = network.now();
    client.close();
    while (received() < 2 * MIB) {
      // What a socket has borrowed is known to be out when all of it is.
      const next = Math.min(received() + 300_000, 2 * MIB);
      server.pauseReading();
      await network.sleep(900);
      assert.equal(ended(), undefined);
      server.resumeReading();
      await network.until(() => received() >= next);
    }
    await network.until(() => ended() !== undefined);
    assert.ok(network.now() - begin > 3000, "longer than the limit");
    assert.equal(ended()?.reason, undefined);
  });

  it("needs no timer if the peer has ended and nothing is left to send", async () => {
    const network = new SimNetwork();
    const adapterOf = (host: string) => network.host(host).adapter;
    const counting = new CountingAdapter(adapterOf("server"));
    const served = new ReactRuntime({ adapter: counting });
    let reason: Error | undefined | null = null;
    const onClose: Reactor["onClose"] = (why) => reason = why;
    await served.listen("server:80", {
      onNewConnection: () => ({ reactor: sink({ onClose }) }),
    });
    await new ReactRuntime({ adapter: adapterOf("client") }).connect(
      "server:80",
      sink({ onConnected: (ctx) => ctx.close() }),
    );
    await network.until(() => reason !== null);
    assert.equal(reason, undefined);
    assert.equal(counting.timerCount, 0);
  });
});

const PAUSE_MS = 3000;
/** How late a limit is told of a process that has just gone on. */
const LATEST_MS = 1;

describe("a process that stood still for longer than its time limits", () => {
  it("does not close a connection as idle whose peer sent all the time", async () => {
    const { network, server, ended } = await open({ idleTimeoutMs: 1000 });
    network.host("client").pause(PAUSE_MS);
    for (let ms = 0; ms < 2 * PAUSE_MS; ms += 100) {
      server.sendOrQueue(Uint8Array.of(1));
      await network.sleep(100);
    }
    assert.equal(ended(), undefined);
    const sentAt = network.now();
    await network.until(() => ended() !== undefined);
    assertBetween(ended()!.ms - sentAt, 890, 1010);
  });

  it("closes a connection as idle on which nothing came meanwhile, as soon as it has looked", async () => {
    const { network, ended } = await open({ idleTimeoutMs: 1000 });
    network.host("client").pause(PAUSE_MS);
    const goesOnAt = network.now() + PAUSE_MS;
    await network.until(() => ended() !== undefined);
    const { reason, ms } = ended()!;
    assert.ok(reason instanceof IdleTimeoutError);
    assertBetween(ms - goesOnAt, 0, LATEST_MS + 2 * LATENCY_MS);
  });

  it("connects to a peer that accepted in time", async () => {
    const network = new SimNetwork({ latencyMs: LATENCY_MS, jitterMs: 0 });
    const client = network.host("client");
    const server = network.host("server");
    await new ReactRuntime({ adapter: server.adapter }).listen("server:80", {
      onNewConnection: () => ({ reactor: sink() }),
    });
    const runtime = new ReactRuntime({ adapter: client.adapter });
    // By its address: the look-up of a name would have come after the pause.
    const connecting = runtime.connect(`${server.address}:80`, sink(), {
      connectTimeoutMs: 1000,
    });
    client.pause(PAUSE_MS);
    await connecting;
  });

  it("gives up a connect that nobody has answered, as soon as it has looked", async () => {
    const network = new SimNetwork({ latencyMs: LATENCY_MS, jitterMs: 0 });
    const client = network.host("client");
    network.partition(client, network.host("server"));
    const runtime = new ReactRuntime({ adapter: client.adapter });
    const connecting = runtime.connect("server:80", sink(), {
      connectTimeoutMs: 1000,
    });
    client.pause(PAUSE_MS);
    const goesOnAt = network.now() + PAUSE_MS;
    await assert.rejects(connecting, ConnectTimeoutError);
    assertBetween(network.now() - goesOnAt, 0, LATEST_MS);
  });

  it("delivers all that was queued at close to a peer that reads", async () => {
    const { network, client, received, ended } = await open({
      closeTimeoutMs: 1000,
    });
    client.sendOrQueue(new Uint8Array(8 * MIB));
    client.close();
    network.host("client").pause(PAUSE_MS);
    await network.until(() => ended() !== undefined);
    assert.equal(ended()?.reason, undefined);
    assert.equal(received(), 8 * MIB);
  });

  it("ends a close whose peer reads nothing, as soon as it has looked", async () => {
    const { network, client, server, ended } = await open({
      closeTimeoutMs: 1000,
    });
    server.pauseReading();
    client.sendOrQueue(new Uint8Array(8 * MIB));
    await network.sleep(100);
    client.close();
    network.host("client").pause(PAUSE_MS);
    const goesOnAt = network.now() + PAUSE_MS;
    await network.until(() => ended() !== undefined);
    const { reason, ms } = ended()!;
    assert.ok(reason instanceof CloseTimeoutError);
    assertBetween(ms - goesOnAt, 0, LATEST_MS);
  });

  it("sends what was sent before stop, though the grace is over", async () => {
    const { network, runtime, client, received, ended } = await open({});
    const results: SendResult[] = [];
    client.sendOrQueue(Uint8Array.of(1), (result) => results.push(result));
    const stopped = runtime.stop({ graceMs: 1000 });
    network.host("client").pause(PAUSE_MS);
    const goesOnAt = network.now() + PAUSE_MS;
    await stopped;
    assert.deepEqual(results, [{ ok: true }]);
    assert.ok(ended()?.reason instanceof RuntimeStoppedError);
    assertBetween(network.now() - goesOnAt, 0, LATEST_MS);
    await network.idle();
    assert.equal(received(), 1);
  });

  it("keeps to that when it is polled, too", async () => {
    const { network, runtime, server, ended } = await open({
      idleTimeoutMs: 1000,
    });
    const poll = (timeoutMs: number) => runtime.processEvents({ timeoutMs });
    await poll(0);
    server.sendOrQueue(Uint8Array.of(1));
    network.host("client").pause(PAUSE_MS);
    const goesOnAt = network.now() + PAUSE_MS;
    while (network.now() < goesOnAt + 500) {
      await poll(100);
      assert.equal(ended(), undefined);
    }
    while (await poll(60_000) && ended() === undefined);
    const { reason, ms } = ended()!;
    assert.ok(reason instanceof IdleTimeoutError);
    assertBetween(ms - goesOnAt, 1000, 1010);
  });
});

/** An adapter whose sockets take long to be served: until it is told that they were. */
class SlowAdapter extends CountingAdapter {
  readonly #asked: (() => void)[] = [];

  /** How often it was asked to tell. */
  get countAsked(): number {
    return this.#asked.length;
  }

  override afterPoll(callback: () => void): void {
    this.#asked.push(callback);
  }

  /** Sockets were served. */
  tell(): void {
    for (const callback of this.#asked.splice(0)) callback();
  }
}

describe("a time limit that is over", () => {
  /** A runtime on a slow adapter, with connections that are soon idle for too long. */
  async function openSlow(count: number) {
    const network = new SimNetwork({ latencyMs: LATENCY_MS, jitterMs: 0 });
    const slow = new SlowAdapter(network.host("client").adapter);
    const runtime = new ReactRuntime<string>({ adapter: slow });
    const servers: DispatchContext[] = [];
    const server = new ReactRuntime({
      adapter: network.host("server").adapter,
    });
    await server.listen("server:80", {
      onNewConnection: () => ({
        reactor: sink({ onConnected: (ctx) => void servers.push(ctx) }),
      }),
    });
    const seen: string[] = [];
    const reactor = sink<string>({
      onCommand: (cmd) => void seen.push(cmd),
      onClose: (reason) => void seen.push(reason?.name ?? "ok"),
    });
    const ids = await Promise.all(
      Array.from(
        { length: count },
        () => runtime.connect("server:80", reactor, { idleTimeoutMs: 1000 }),
      ),
    );
    await network.until(() => servers.length === count);
    return { network, slow, runtime, servers, seen, ids };
  }

  it("is told only when sockets were served", async () => {
    const { network, slow, seen } = await openSlow(1);
    await network.sleep(5000);
    assert.deepEqual(seen, []);
    slow.tell();
    await network.idle();
    assert.deepEqual(seen, ["IdleTimeoutError"]);
  });

  it("is not told if it was reached in the meantime after all", async () => {
    const { network, slow, servers, seen } = await openSlow(1);
    await network.sleep(1100);
    assert.equal(slow.countAsked, 1);
    servers[0].sendOrQueue(Uint8Array.of(1));
    await network.sleep(100);
    slow.tell();
    await network.sleep(100);
    assert.deepEqual(seen, []);
  });

  it("is not told if it was taken back in the meantime", async () => {
    const { network, slow, runtime, seen, ids } = await openSlow(1);
    await network.sleep(1100);
    runtime.cmdSender.sendClose(ids[0], { abort: true });
    await network.sleep(100);
    assert.deepEqual(seen, ["ok"]);
    slow.tell();
    await network.idle();
    assert.deepEqual(seen, ["ok"]);
  });

  it("waits with all others for one look at the sockets, without a timer or a turn", async () => {
    const { network, slow, seen } = await openSlow(100);
    await network.sleep(1100);
    const { timerCount: countTimers, turnCount: countTurns } = slow;
    await network.sleep(5000);
    assert.equal(slow.countAsked, 1);
    assert.equal(slow.timerCount, countTimers);
    assert.equal(slow.turnCount, countTurns);
    for (let looks = 0; looks < 3; looks++) {
      assert.ok(slow.countAsked <= 1);
      slow.tell();
      await network.sleep(100);
    }
    assert.equal(seen.length, 100);
  });

  it("waits for a second look if it was not over when the first was asked for", async () => {
    const { network, slow, runtime, seen } = await openSlow(1);
    await network.sleep(900);
    await runtime.connect("server:80", sink(), { idleTimeoutMs: 150 })
      .then(() => network.sleep(140));
    await network.sleep(20);
    assert.equal(slow.countAsked, 1);
    slow.tell();
    await network.sleep(10);
    assert.equal(seen.length, 1);
    assert.equal(slow.countAsked, 1);
    slow.tell();
    await network.idle();
  });

  it("does not hold up deferred commands", async () => {
    const { network, slow, runtime, seen, ids } = await openSlow(1);
    runtime.cmdSender.sendUserCmd(ids[0], "in time", {
      deferred: Deferred.after(2000),
    });
    const dueAt = network.now() + 2000;
    await network.until(() => seen.length > 0);
    assert.deepEqual(seen, ["in time"]);
    assertBetween(network.now() - dueAt, 0, LATEST_MS);
    assert.equal(slow.countAsked, 1);
    slow.tell();
    await network.idle();
  });

  it("is told by the next processEvents, which waits no longer for it than for sockets", async () => {
    const { network, slow, runtime, seen } = await openSlow(1);
    for (let ms = 0; ms < 2000; ms += 100) {
      await runtime.processEvents({ timeoutMs: 100 });
    }
    assert.equal(slow.countAsked, 1);
    const polling = runtime.processEvents({ timeoutMs: 60_000 });
    await network.sleep(100);
    assert.deepEqual(seen, []);
    const begin = network.now();
    slow.tell();
    await polling;
    assertBetween(network.now() - begin, 0, LATEST_MS);
    await network.sleep(10);
    assert.deepEqual(seen, ["IdleTimeoutError"]);
    await runtime.stop({ graceMs: 0 }).catch(() => {});
  });
});
