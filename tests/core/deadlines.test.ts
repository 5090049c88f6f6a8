// The deadlines of a connection to the millisecond, and over hours, which only a
// virtual clock allows.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  acceptMessages,
  type ConnectionOptions,
  type DispatchContext,
  FirstMessageTimeoutError,
  IdleTimeoutError,
  MessageResult,
  MessageTimeoutError,
  type Reactor,
  ReactRuntime,
  ReadIdleTimeoutError,
  SendTimeoutError,
  SimNetwork,
  type TcpListenerHandler,
  toWebStreams,
  unframed,
} from "../../mod.ts";
import { CountingAdapter } from "../conformance/counting_adapter.ts";
import { sink } from "../conformance/support.ts";

const LATENCY_MS = 1;
const HOUR_MS = 3_600_000;
const MESSAGE_SIZE = 100;

const onInboundMessage: Reactor["onInboundMessage"] = (buf) =>
  buf.length < MESSAGE_SIZE
    ? MessageResult.expectMsgSize(MESSAGE_SIZE)
    : MessageResult.dropMsgSize(MESSAGE_SIZE);

/** How a connection ended, and when. */
interface End {
  readonly reason: Error | undefined;
  readonly ms: number;
}

/** A server with `options` and `handlers`, and what its one client sends by. */
async function open(
  options: ConnectionOptions,
  handlers: Partial<Reactor> = {},
) {
  const network = new SimNetwork({ latencyMs: LATENCY_MS, jitterMs: 0 });
  const counting = new CountingAdapter(network.host("server").adapter);
  const runtime = new ReactRuntime({ adapter: counting });
  let server: DispatchContext | undefined;
  let end: End | undefined;
  let openedAt = 0;
  await runtime.listen("server:80", {
    onNewConnection: () => ({
      reactor: {
        onInboundMessage,
        ...handlers,
        onConnected(ctx) {
          server = ctx;
          openedAt = network.now();
        },
        onClose: (reason) => end = { reason, ms: network.now() },
      },
      ...options,
    }),
  });
  let client!: DispatchContext;
  await new ReactRuntime({ adapter: network.host("client").adapter }).connect(
    "server:80",
    sink({ onConnected: (ctx) => client = ctx }),
  );
  await network.until(() => server !== undefined);
  return {
    network,
    counting,
    server: server!,
    client,
    openedAt,
    send: (count: number) => void client.sendOrQueue(new Uint8Array(count)),
    ended: () => end,
  };
}

function assertBetween(value: number, least: number, most: number): void {
  assert.ok(value >= least && value <= most, `${least} <= ${value} <= ${most}`);
}

describe("messageTimeoutMs", () => {
  it("ends a byte every 200 ms, which passes idleTimeoutMs for ever", async () => {
    const limits = { idleTimeoutMs: 500 };
    const patient = await open(limits);
    for (let i = 0; i < 50; i++) {
      patient.send(1);
      await patient.network.sleep(200);
    }
    assert.equal(patient.ended(), undefined);

    const strict = await open({ ...limits, messageTimeoutMs: 900 });
    const firstByteAt = strict.network.now() + LATENCY_MS;
    while (strict.ended() === undefined) {
      strict.send(1);
      await strict.network.sleep(200);
    }
    const { reason, ms } = strict.ended()!;
    assert.ok(reason instanceof MessageTimeoutError, `${reason}`);
    assertBetween(ms - firstByteAt, 900, 905);
  });

  it("counts anew for each message, whole or in the middle of a read", async () => {
    const { network, send, ended } = await open({ messageTimeoutMs: 1000 });
    for (let i = 0; i < 20; i++) {
      send(MESSAGE_SIZE - 1);
      await network.sleep(900);
      send(2); // the end of one, and the beginning of the next
      await network.sleep(500);
      send(MESSAGE_SIZE - 1); // its end
      await network.sleep(2000);
      assert.equal(ended(), undefined);
    }
    send(1);
    const begin = network.now();
    await network.until(() => ended() !== undefined);
    assertBetween(ended()!.ms - begin, 1000, 1005);
  });

  it("counts for a message that begins in what a pause held back", async () => {
    const { network, send, server, ended } = await open({
      messageTimeoutMs: 1000,
    }, {
      onInboundMessage(buf, ctx) {
        if (buf.length < MESSAGE_SIZE) {
          return MessageResult.expectMsgSize(MESSAGE_SIZE);
        }
        ctx.pauseReading();
        return MessageResult.dropMsgSize(MESSAGE_SIZE);
      },
    });
    send(MESSAGE_SIZE + 1);
    await network.sleep(5000);
    const begin = network.now();
    server.resumeReading();
    await network.sleep(2000);
    assert.ok(ended()?.reason instanceof MessageTimeoutError);
    assertBetween(ended()!.ms - begin, 1000, 1005);
  });

  it("does not count a pause, to the millisecond", async () => {
    const { network, send, server, ended } = await open({
      messageTimeoutMs: 1000,
      firstMessageTimeoutMs: 1500,
    });
    send(1);
    await network.sleep(LATENCY_MS);
    const begin = network.now();
    await network.sleep(600);
    server.pauseReading();
    await network.sleep(5000);
    server.resumeReading();
    await network.sleep(200);
    server.pauseReading();
    await network.sleep(5000);
    server.resumeReading();
    await network.until(() => ended() !== undefined);
    assert.ok(ended()!.reason instanceof MessageTimeoutError);
    assertBetween(ended()!.ms - begin, 11_000, 11_005);
  });

  it("does not blame a peer for what it sent while the process stood still, however many reads it takes", async () => {
    const size = 8 * 2 ** 20;
    let messageCount = 0;
    const { network, send, ended } = await open({ messageTimeoutMs: 1000 }, {
      onInboundMessage(buf) {
        if (buf.length < size) return MessageResult.expectMsgSize(size);
        messageCount++;
        return MessageResult.dropMsgSize(size);
      },
    });
    send(size);
    await network.sleep(LATENCY_MS + 0.1);
    network.host("server").pause(3000);
    await network.until(() => messageCount === 1 || ended() !== undefined);
    assert.equal(ended(), undefined);
  });

  it("ends a message that is not whole, as soon as it is sure, when the process stood still", async () => {
    const { network, send, ended } = await open({ messageTimeoutMs: 1000 });
    send(1);
    await network.sleep(100);
    network.host("server").pause(3000);
    const goesOnAt = network.now() + 3000;
    await network.until(() => ended() !== undefined);
    assert.ok(ended()!.reason instanceof MessageTimeoutError);
    // It has the time again that was not its own, but no more than that.
    assertBetween(ended()!.ms - goesOnAt, 1000, 1010);
  });
});

describe("firstMessageTimeoutMs", () => {
  it("ends a connection at its time, whatever comes of the first message", async () => {
    const { network, send, openedAt, ended } = await open({
      firstMessageTimeoutMs: 10_000,
      messageTimeoutMs: 60_000,
      readIdleTimeoutMs: 500,
    });
    for (let i = 0; i < MESSAGE_SIZE - 1 && ended() === undefined; i++) {
      send(1);
      await network.sleep(150);
    }
    const { reason, ms } = ended()!;
    assert.ok(reason instanceof FirstMessageTimeoutError, `${reason}`);
    assertBetween(ms - openedAt, 10_000, 10_005);
  });

  it("is not over with a pause in the middle of the first message", async () => {
    const { network, send, server, openedAt, ended } = await open({
      firstMessageTimeoutMs: 1000,
    }, {
      onInboundMessage(_buf, ctx) {
        ctx.pauseReading();
        return MessageResult.expectMsgSize(MESSAGE_SIZE);
      },
    });
    send(1);
    await network.sleep(5000);
    const pausedAt = openedAt + LATENCY_MS;
    const resumedAt = network.now();
    server.resumeReading();
    await network.sleep(2000);
    assert.ok(ended()?.reason instanceof FirstMessageTimeoutError);
    const countedMs = pausedAt - openedAt + ended()!.ms - resumedAt;
    assertBetween(countedMs, 1000, 1005);
  });

  it("is over with the first message", async () => {
    const { network, send, ended, counting } = await open({
      firstMessageTimeoutMs: 1000,
    });
    send(MESSAGE_SIZE);
    await network.sleep(HOUR_MS);
    assert.equal(ended(), undefined);
    assert.equal(counting.armedTimers.size, 0, "no timer is left");
  });
});

describe("idleTimeoutMs", () => {
  for (const how of ["sendOrQueue", "sendNoQueue"] as const) {
    it(`counts from the last byte that went out by ${how}, too`, async () => {
      const { network, server, ended } = await open({ idleTimeoutMs: 1000 });
      let sentAt = 0;
      for (let i = 0; i < 10; i++) {
        await network.sleep(900);
        sentAt = network.now();
        server[how](Uint8Array.of(1));
      }
      await network.until(() => ended() !== undefined);
      assert.ok(ended()!.reason instanceof IdleTimeoutError);
      assertBetween(ended()!.ms - sentAt, 1000, 1005);
    });
  }

  it("counts from when the last of what came in has had its turn", async () => {
    const size = 65_536;
    let count = 0;
    let frozenAt = 0;
    let lastAt = 0;
    const { network, send, ended } = await open({ idleTimeoutMs: 1000 }, {
      onInboundMessage(_buf, ctx) {
        lastAt = network.now();
        count++;
        if (frozenAt === 0 && ctx.stats().bytesIn === 2 * size) {
          frozenAt = lastAt; // nothing more comes in: the rest has its turn later
          network.host("server").pause(3000);
        }
        return MessageResult.dropMsgSize(1);
      },
    });
    send(size); // from now on, it comes in one read
    await network.sleep(100);
    send(size);
    await network.until(() => ended() !== undefined);
    assert.equal(count, 2 * size);
    assertBetween(lastAt - frozenAt, 3000, 3020);
    assertBetween(ended()!.ms - lastAt, 1000, 1005);
  });
});

describe("onIdle", () => {
  it("is called once an hour for a day, on a connection that nobody uses", async () => {
    const kinds: string[] = [];
    const { network, openedAt, server, ended } = await open({
      readIdleTimeoutMs: 2 * HOUR_MS,
      writeIdleTimeoutMs: HOUR_MS,
    }, { onIdle: (kind) => void kinds.push(kind) });
    await network.sleep(24 * HOUR_MS + 1000 - (network.now() - openedAt));
    assert.equal(kinds.filter((kind) => kind === "write").length, 24);
    assert.equal(kinds.filter((kind) => kind === "read").length, 12);
    assert.equal(ended(), undefined);
    server.abort(); // or the days go on
  });

  it("has no part in idleTimeoutMs", async () => {
    const { network, openedAt, ended } = await open({
      readIdleTimeoutMs: 100,
      writeIdleTimeoutMs: 100,
      idleTimeoutMs: 1000,
    }, { onIdle() {} });
    await network.until(() => ended() !== undefined);
    const { reason, ms } = ended()!;
    assert.ok(reason instanceof IdleTimeoutError);
    assert.ok(!(reason instanceof ReadIdleTimeoutError));
    assertBetween(ms - openedAt, 1000, 1005);
  });

  it("counts from the last byte that came in, and not from the last that went out", async () => {
    const { network, server, send, ended } = await open({
      readIdleTimeoutMs: 1000,
    });
    for (let i = 0; i < 10; i++) {
      send(1);
      server.sendOrQueue(Uint8Array.of(1));
      await network.sleep(900);
    }
    const begin = network.now();
    send(1);
    for (let i = 0; i < 9; i++) {
      await network.sleep(100);
      server.sendOrQueue(Uint8Array.of(1));
    }
    await network.until(() => ended() !== undefined);
    assert.ok(ended()!.reason instanceof ReadIdleTimeoutError);
    assertBetween(ended()!.ms - begin, 1000 + LATENCY_MS, 1005);
  });
});

describe("sendTimeoutMs", () => {
  /** How long a server that does nothing but `handler` says keeps a peer that sends 60 MB and reads nothing. */
  async function keepsDeafPeer(handler: TcpListenerHandler) {
    const network = new SimNetwork({ latencyMs: LATENCY_MS, jitterMs: 0 });
    const runtime = new ReactRuntime({
      adapter: network.host("server").adapter,
    });
    await runtime.listen("server:80", handler);
    const client = new ReactRuntime({ adapter: network.host("peer").adapter });
    const begin = network.now();
    await client.connect(
      "server:80",
      sink({
        onConnected(ctx) {
          ctx.pauseReading();
          for (let i = 0; i < 60; i++) ctx.sendOrQueue(new Uint8Array(1e6));
        },
      }),
    );
    await network.until(() => runtime.connectionCount === 1);
    await network.until(() => runtime.connectionCount === 0, {
      timeoutMs: 10_000,
    });
    await client.stop({ graceMs: 0 });
    return network.now() - begin;
  }

  it("ends a peer that does not read, of whoever pulls, pipes or gives credit", async () => {
    const limits = { idleTimeoutMs: 500, sendTimeoutMs: 1000 };
    const handlers: TcpListenerHandler[] = [
      acceptMessages(unframed(), async (connection) => {
        try {
          for await (const bytes of connection) await connection.send(bytes);
        } catch (error) {
          assert.ok(error instanceof SendTimeoutError, `${error}`);
        }
      }, limits),
      acceptMessages(unframed(), async (connection) => {
        const { readable, writable } = toWebStreams(connection);
        await assert.rejects(readable.pipeTo(writable), SendTimeoutError);
      }, limits),
      {
        onNewConnection: () => ({
          reactor: sink({
            onConnected: (ctx) => ctx.read(1),
            onInboundMessage(buf, ctx) {
              ctx.sendOrQueue(buf, ({ ok }) => ok && ctx.read(1));
              return MessageResult.dropMsgSize(buf.length);
            },
          }),
          ...limits,
        }),
      },
    ];
    for (const handler of handlers) {
      assertBetween(await keepsDeafPeer(handler), 1000, 2000);
    }
  });

  it("leaves alone who reads slowly, and counts from the last byte that went out", async () => {
    const { network, server, client, ended } = await open({
      sendTimeoutMs: 1000,
    });
    server.sendOrQueue(new Uint8Array(60e6));
    for (let i = 0; i < 20; i++) {
      client.pauseReading();
      await network.sleep(800);
      assert.equal(ended(), undefined);
      client.resumeReading();
      await network.sleep(30);
    }
    assert.ok(server.sender.bytesQueued > 0, "it has read all");
    client.pauseReading();
    const begin = network.now();
    await network.until(() => ended() !== undefined);
    assert.ok(ended()!.reason instanceof SendTimeoutError);
    assertBetween(ended()!.ms - begin, 990, 1010);
  });

  it("arms no timer for each send", async () => {
    const { network, server, counting } = await open({ sendTimeoutMs: 1000 });
    const { timerCount } = counting;
    for (let i = 0; i < 30; i++) {
      server.sendOrQueue(new Uint8Array(100));
      await network.sleep(10);
    }
    assertBetween(counting.timerCount - timerCount, 0, 1);
    server.abort();
  });
});

describe("deadlines", () => {
  it("the first that is over counts, though another one began later", async () => {
    const { network, send, ended } = await open({
      firstMessageTimeoutMs: 60_000,
      readIdleTimeoutMs: 500,
      messageTimeoutMs: 10_000,
    });
    send(1);
    const begin = network.now() + LATENCY_MS;
    await network.until(() => ended() !== undefined);
    assert.ok(ended()!.reason instanceof ReadIdleTimeoutError);
    assertBetween(ended()!.ms - begin, 500, 505);
  });

  it("arm no timer for a message, nor for a read", async () => {
    const { network, send, counting, ended } = await open({
      idleTimeoutMs: 10_000,
      readIdleTimeoutMs: 10_000,
      writeIdleTimeoutMs: 10_000,
      firstMessageTimeoutMs: 10_000,
      messageTimeoutMs: 10_000,
    });
    send(1);
    await network.sleep(10);
    const { timerCount } = counting;
    for (let i = 0; i < 300; i++) {
      send(MESSAGE_SIZE - 1);
      await network.sleep(10);
      send(1);
      await network.sleep(10);
    }
    assert.equal(ended(), undefined);
    assert.equal(counting.timerCount, timerCount);
  });
});

describe("scheduled calls", () => {
  it("every hour for a hundred days, in a moment, none early or late", async () => {
    const network = new SimNetwork();
    const runtime = new ReactRuntime({
      adapter: network.host("alone").adapter,
    });
    const begin = network.now();
    let count = 0;
    const calls = runtime.every(HOUR_MS, () => {
      count++;
      assertBetween(network.now() - begin - count * HOUR_MS, 0, 1);
    });
    runtime.after(100 * 24 * HOUR_MS + 1000, () => calls.cancel());
    await runtime.run();
    assert.equal(count, 2400);
  });

  it("of a process that stood still are made once, and then in their times", async () => {
    const network = new SimNetwork();
    const host = network.host("alone");
    const runtime = new ReactRuntime({ adapter: host.adapter });
    const begin = network.now();
    const times: number[] = [];
    const calls = runtime.every(
      100,
      () => void times.push(network.now() - begin),
    );
    await network.sleep(250);
    host.pause(1000);
    await network.sleep(1400);
    calls.cancel();
    assert.deepEqual(times.map((ms) => Math.floor(ms / 50) * 50), [
      100,
      200,
      1250,
      1300,
      1400,
      1500,
      1600,
    ]);
    await runtime.stop();
  });
});
