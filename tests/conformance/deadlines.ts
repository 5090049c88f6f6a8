import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Adapter,
  CloseTimeoutError,
  type ConnectionOptions,
  ConnectionResetError,
  FirstMessageTimeoutError,
  IdleTimeoutError,
  MessageResult,
  MessageTimeoutError,
  type Reactor,
  ReadIdleTimeoutError,
  SendTimeoutError,
} from "../../mod.ts";
import type { Environment, Peer } from "./environment.ts";
import { openPair, serve, watched, type WatchedReactor } from "./peers.ts";
import { sideBySide } from "./side_by_side.ts";
import { steady } from "./steady.ts";
import { overfill } from "./streams.ts";
import { type Context, quietly, sink, withRuntime } from "./support.ts";

/** The interval of a slow peer's bytes: far below the limits in these tests. */
const DRIBBLE_MS = 10;

/** The size of the messages of these tests, in bytes. */
const MESSAGE_SIZE = 100;

/** Reads messages of {@linkcode MESSAGE_SIZE} bytes. */
const onInboundMessage: Reactor["onInboundMessage"] = (buf) =>
  buf.length < MESSAGE_SIZE
    ? MessageResult.expectMsgSize(MESSAGE_SIZE)
    : MessageResult.dropMsgSize(MESSAGE_SIZE);

const HALF_CLOSED = "that is half closed by its peer";

/** In Deno's node:net, a pending write fails when the peer sends FIN. */
function losesWritesAtFin({ name }: Adapter): boolean {
  return name === "node" && "Deno" in globalThis;
}

/** How long a peer may take, and what keeps a connection alive. */
export function deadlinePromises(environment: Environment): void {
  const inTime = steady(environment);
  firstMessagePromises(inTime);
  messagePromises(inTime);
  readIdlePromises(inTime);
  writeIdlePromises(inTime);
  sendPromises(inTime);
  excusePromises(inTime);
  heldUpPromises(environment);
}

/** A server's connection to a plain peer. */
interface Served extends WatchedReactor<unknown> {
  readonly peer: Peer;
  readonly ctx: Context;
  /** When it was asked for. */
  readonly begin: number;
}

/** Runs `body` with a connection that has `options`. */
async function withServed(
  environment: Environment,
  options: ConnectionOptions,
  handlers: Partial<Reactor>,
  body: (served: Served) => Promise<void>,
): Promise<void> {
  const { adapter, connectPeer } = environment;
  await withRuntime(adapter, options, async (runtime) => {
    const server = watched({ onInboundMessage, ...handlers });
    const address = await serve(environment, runtime, () => server.reactor);
    const begin = adapter.clock.now();
    const peer = await connectPeer(address);
    void peer.ended.then(() => peer.end());
    const ctx = await server.connected;
    await body({ ...server, peer, ctx, begin });
    ctx.abort();
    await server.closed;
    peer.destroy();
    await peer.closed;
  });
}

/** A handler that pauses reading when the first bytes of a message are there. */
function pausingAtOnce(): Partial<Reactor> {
  let hasPaused = false;
  return {
    onInboundMessage(buf, ctx, ...rest) {
      if (!hasPaused) ctx.pauseReading();
      hasPaused = true;
      return onInboundMessage(buf, ctx, ...rest);
    },
  };
}

/** Sends byte after byte until `isOver`, or until `count` bytes are sent. */
async function dribble(
  { sleep }: Environment,
  { peer, calls }: Served,
  count = Infinity,
): Promise<void> {
  for (let i = 0; i < count && !calls.includes("onClose"); i++) {
    peer.write(i % 256);
    await sleep(DRIBBLE_MS);
  }
}

function firstMessagePromises(environment: Environment): void {
  const { adapter, sleep } = environment;
  describe(`${adapter.name}: firstMessageTimeoutMs`, () => {
    const test = sideBySide(environment);
    test("closes a connection whose peer sends nothing, not before the time", () =>
      withServed(
        environment,
        { firstMessageTimeoutMs: 60 },
        {},
        async ({ begin, closed }) => {
          const reason = await closed;
          assert.ok(reason instanceof FirstMessageTimeoutError, `${reason}`);
          assert.ok(reason instanceof MessageTimeoutError);
          assert.match(reason.message, /60 ms \(firstMessageTimeoutMs\)/);
          assert.ok(adapter.clock.now() - begin >= 60);
        },
      ));

    test("closes one whose peer sends its first message byte by byte", () =>
      withServed(
        environment,
        { firstMessageTimeoutMs: 100, idleTimeoutMs: 5000 },
        {},
        async (served) => {
          await dribble(environment, served, MESSAGE_SIZE - 1);
          assert.ok((await served.closed) instanceof FirstMessageTimeoutError);
        },
      ));

    test("leaves a connection open whose peer has sent a message in time, whatever it does then", () =>
      withServed(
        environment,
        { firstMessageTimeoutMs: 200 },
        {},
        async ({ peer, calls }) => {
          peer.send(new Uint8Array(MESSAGE_SIZE + 1));
          await sleep(300);
          assert.ok(!calls.includes("onClose"));
        },
      ));
  });
}

function messagePromises(environment: Environment): void {
  const { adapter, eventually, sleep } = environment;
  describe(`${adapter.name}: messageTimeoutMs`, () => {
    const test = sideBySide(environment);
    test("closes a connection whose peer sends a message byte by byte, not before the time", () =>
      withServed(
        environment,
        { messageTimeoutMs: 100, idleTimeoutMs: 5000 },
        {},
        async (served) => {
          await sleep(120);
          served.peer.send(new Uint8Array(3 * MESSAGE_SIZE));
          await sleep(120);
          assert.ok(
            !served.calls.includes("onClose"),
            "between messages it does not count",
          );
          const begin = adapter.clock.now();
          await dribble(environment, served, MESSAGE_SIZE - 1);
          const reason = await served.closed;
          assert.ok(reason instanceof MessageTimeoutError, `${reason}`);
          assert.ok(!(reason instanceof FirstMessageTimeoutError));
          assert.match(
            reason.message,
            /100 ms after it began \(messageTimeoutMs\)/,
          );
          assert.ok(adapter.clock.now() - begin >= 100);
        },
      ));

    test("counts from the first byte of a message that came with the end of another", () =>
      withServed(environment, { messageTimeoutMs: 80 }, {}, async (served) => {
        served.peer.send(new Uint8Array(MESSAGE_SIZE / 2));
        await sleep(40);
        const begin = adapter.clock.now();
        served.peer.send(new Uint8Array(MESSAGE_SIZE));
        assert.ok((await served.closed) instanceof MessageTimeoutError);
        assert.ok(adapter.clock.now() - begin >= 80);
      }));

    it("spares a peer whose messages come in pieces, each in time", () =>
      withServed(
        environment,
        { messageTimeoutMs: 300 },
        {},
        async ({ peer, calls }) => {
          const end = adapter.clock.now() + 600;
          const piece = new Uint8Array(MESSAGE_SIZE / 4 + 1); // none ends a message
          while (adapter.clock.now() < end) {
            peer.send(piece);
            await sleep(DRIBBLE_MS);
          }
          assert.ok(!calls.includes("onClose"));
        },
      ));

    test("applies to what a reactor's own onReadable has handed out, not to what it has left", () => {
      let isTaking = true;
      return withServed(environment, { messageTimeoutMs: 50 }, {
        onReadable(ctx) {
          if (isTaking) ctx.reader.tryReadFastRead(ctx, { onInboundMessage });
        },
      }, async ({ peer, calls, closed, ctx }) => {
        isTaking = false;
        peer.write(1, 2, 3);
        const { reader } = ctx as unknown as {
          reader: { bytesBuffered: number };
        };
        await eventually(() => reader.bytesBuffered === 3, "3 bytes are in");
        await sleep(100);
        assert.ok(!calls.includes("onClose"));
        isTaking = true;
        peer.write(4);
        assert.ok((await closed) instanceof MessageTimeoutError);
      });
    });

    test("ends when the message is dropped in parts, as by a reactor that streams", () =>
      withServed(environment, { messageTimeoutMs: 100 }, {
        onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
      }, async (served) => {
        await dribble(environment, served, 20);
        assert.ok(!served.calls.includes("onClose"));
      }));
  });
}

function readIdlePromises(environment: Environment): void {
  const { adapter, eventually, sleep } = environment;
  describe(`${adapter.name}: readIdleTimeoutMs`, () => {
    const test = sideBySide(environment);
    test("closes a connection whose peer is silent, though this end sends", () =>
      withServed(
        environment,
        { readIdleTimeoutMs: 80 },
        {},
        async ({ ctx, closed, begin, calls }) => {
          while (!calls.includes("onClose")) {
            ctx.sendOrQueue(Uint8Array.of(1));
            await sleep(DRIBBLE_MS);
          }
          const reason = await closed;
          assert.ok(reason instanceof ReadIdleTimeoutError, `${reason}`);
          assert.ok(reason instanceof IdleTimeoutError);
          assert.match(
            reason.message,
            /nothing came in for 80 ms \(readIdleTimeoutMs\)/,
          );
          assert.ok(adapter.clock.now() - begin >= 80);
        },
      ));

    it("counts the bytes of a large message as a heartbeat", () =>
      withServed(environment, { readIdleTimeoutMs: 300 }, {
        onInboundMessage: () => MessageResult.expectMsgSize(1_000_000),
      }, async (served) => {
        await dribble(environment, served, 50);
        assert.ok(!served.calls.includes("onClose"));
      }));

    test("calls onIdle instead, again after as much time, until that closes", () => {
      const times: number[] = [];
      const reason = new Error("enough");
      return withServed(environment, { readIdleTimeoutMs: 40 }, {
        onIdle(kind, ctx) {
          assert.equal(kind, "read");
          times.push(adapter.clock.now());
          if (times.length === 3) ctx.close(reason);
        },
      }, async ({ begin, closed }) => {
        assert.equal(await closed, reason);
        assert.equal(times.length, 3);
        times.forEach((time, i) => assert.ok(time - begin >= 40 * (i + 1)));
      });
    });

    test("does not count once the peer has sent FIN, since nothing can follow", () =>
      withServed(
        environment,
        { readIdleTimeoutMs: 40 },
        { onPeerEnd() {} },
        async ({ peer, calls }) => {
          peer.end();
          await eventually(() => calls.includes("onPeerEnd"), "FIN is in");
          await sleep(100);
          assert.ok(!calls.includes("onClose"));
        },
      ));

    it("an onIdle that throws closes its connection", () => {
      const error = new Error("not again");
      return quietly(() =>
        withServed(environment, { readIdleTimeoutMs: 20 }, {
          onIdle() {
            throw error;
          },
        }, async ({ closed }) => assert.equal(await closed, error))
      );
    });
  });
}

function writeIdlePromises(environment: Environment): void {
  const { adapter, eventually, sleep } = environment;
  describe(`${adapter.name}: writeIdleTimeoutMs`, () => {
    const test = sideBySide(environment);
    test("has onIdle send heartbeats, which arrive, as often as nothing else goes out", () => {
      let count = 0;
      return withServed(environment, { writeIdleTimeoutMs: 60 }, {
        onIdle(kind, ctx) {
          assert.equal(kind, "write");
          count++;
          ctx.sendOrQueue(Uint8Array.of(7));
        },
      }, async ({ peer, ctx, begin }) => {
        await peer.has(3);
        assert.ok(adapter.clock.now() - begin >= 180);
        assert.deepEqual(
          new Set(peer.chunks.flatMap((chunk) => [...chunk])),
          new Set([7]),
        );
        const end = adapter.clock.now() + 60;
        count = 0;
        while (adapter.clock.now() < end) {
          ctx.sendOrQueue(Uint8Array.of(1));
          peer.write(1); // received bytes do not count as writes of this end
          await sleep(DRIBBLE_MS);
        }
        await eventually(() => count > 0, "it goes on");
      });
    });

    it("calls nothing while data keeps going out", () => {
      let count = 0;
      return withServed(environment, { writeIdleTimeoutMs: 400 }, {
        onIdle: () => void count++,
      }, async ({ ctx }) => {
        for (let i = 0; i < 60; i++) {
          ctx.sendOrQueue(Uint8Array.of(1));
          await sleep(DRIBBLE_MS);
        }
        assert.equal(count, 0);
      });
    });

    test("adds nothing to a queue that waits for the peer", () => {
      let count = 0;
      return withServed(environment, { writeIdleTimeoutMs: 20 }, {
        onIdle: () => void count++,
      }, async ({ peer, ctx }) => {
        peer.pause();
        overfill(ctx);
        await sleep(20);
        count = 0;
        await sleep(100);
        assert.equal(count, 0);
      });
    });

    test("does not count after end(), since nothing more can go out", () => {
      let count = 0;
      return withServed(environment, { writeIdleTimeoutMs: 20 }, {
        onIdle: () => void count++,
      }, async ({ ctx }) => {
        ctx.end();
        count = 0;
        await sleep(80);
        assert.equal(count, 0);
      });
    });

    test("does nothing without onIdle", () =>
      withServed(
        environment,
        { writeIdleTimeoutMs: 10 },
        {},
        async ({ calls }) => {
          await sleep(50);
          assert.ok(!calls.includes("onClose"));
        },
      ));

    it("keeps two ends alive that send each other heartbeats", () =>
      withRuntime(
        adapter,
        { writeIdleTimeoutMs: 20, readIdleTimeoutMs: 400 },
        async (runtime) => {
          let readCount = 0;
          const onIdle: Reactor["onIdle"] = (kind, ctx) => {
            if (kind === "write") ctx.sendOrQueue(Uint8Array.of(0));
            else readCount++;
          };
          const { server, client } = await openPair(environment, runtime, {
            onIdle,
          }, { onIdle });
          await sleep(600);
          assert.equal(readCount, 0);
          assert.ok(!server.calls.includes("onClose"));
          assert.ok(!client.calls.includes("onClose"));
        },
      ));
  });
}

const EACH = {
  firstMessageTimeoutMs: FirstMessageTimeoutError,
  messageTimeoutMs: MessageTimeoutError,
  readIdleTimeoutMs: ReadIdleTimeoutError,
} as const;

function sendPromises(environment: Environment): void {
  const { adapter, sleep } = environment;

  /** What may happen to a connection whose peer reads nothing. */
  const cases: Record<
    string,
    (served: Served) => Promise<unknown> | void
  > = {
    "whose peer does not read": () => {},
    "that reads nothing either": ({ ctx }) => ctx.pauseReading(),
    "whose credit is spent": ({ ctx, peer }) => {
      ctx.read(1);
      peer.send(new Uint8Array(3 * MESSAGE_SIZE));
    },
    "whose peer goes on sending": (served) => dribble(environment, served),
    "that is half closed by end()": ({ ctx }) => ctx.end(),
    [HALF_CLOSED]: ({ peer }) => peer.end(),
  };

  describe(`${adapter.name}: sendTimeoutMs`, () => {
    const test = sideBySide(environment);
    for (const [which, begin] of Object.entries(cases)) {
      test(`aborts a connection ${which}, not before the time`, () =>
        withServed(
          environment,
          { sendTimeoutMs: 100, idleTimeoutMs: 60_000 },
          { onPeerEnd: () => {} },
          async (served) => {
            const { peer, ctx, closed } = served;
            peer.pause();
            const sentAt = adapter.clock.now();
            let error: Error | undefined;
            overfill(ctx, (result) => {
              if (!result.ok) error = result.error;
            });
            const done = begin(served);
            const reason = await closed;
            if (which === HALF_CLOSED && losesWritesAtFin(adapter)) {
              assert.ok(reason instanceof ConnectionResetError, `${reason}`);
              return;
            }
            assert.ok(reason instanceof SendTimeoutError, `${reason}`);
            assert.match(
              reason.message,
              /nothing of \d{4,} bytes went out for 100 ms \(sendTimeoutMs\)/,
            );
            assert.equal(error, reason);
            assert.ok(adapter.clock.now() - sentAt >= 100);
            await done;
          },
        ));
    }

    test("leaves a connection open that has nothing queued", () =>
      withServed(environment, { sendTimeoutMs: 20 }, {}, async (served) => {
        const { peer, ctx, calls } = served;
        ctx.sendOrQueue(Uint8Array.of(1));
        await peer.has(1);
        await sleep(80);
        assert.ok(!calls.includes("onClose"));
      }));

    test("ends when the connection begins to close: closeTimeoutMs takes over", () =>
      withServed(
        environment,
        { sendTimeoutMs: 40, closeTimeoutMs: 160 },
        {},
        async ({ peer, ctx, closed }) => {
          peer.pause();
          overfill(ctx);
          ctx.close();
          assert.ok((await closed) instanceof CloseTimeoutError);
        },
      ));
  });
}

function excusePromises(environment: Environment): void {
  const { adapter, eventually, sleep } = environment;
  describe(`${adapter.name}: what is not the peer's fault`, () => {
    const test = sideBySide(environment);
    for (const [option, error] of Object.entries(EACH)) {
      test(`${option} does not count while pauseReading is in force`, () =>
        withServed(
          environment,
          { [option]: 100 },
          pausingAtOnce(),
          async ({ peer, ctx, calls, closed }) => {
            peer.write(1);
            await eventually(
              () => calls.includes("onInboundMessage"),
              "a byte is in",
            );
            await sleep(200);
            assert.ok(!calls.includes("onClose"));
            ctx.resumeReading();
            const reason = await closed;
            assert.ok(reason instanceof error, `${reason}`);
          },
        ));
    }

    test("readIdleTimeoutMs does not count while the send queue pauses reading", () =>
      withServed(environment, { readIdleTimeoutMs: 60 }, {
        onInboundMessage(buf, ctx) {
          overfill(ctx);
          return MessageResult.dropMsgSize(buf.length);
        },
      }, async ({ peer, ctx, calls, closed }) => {
        peer.pause();
        peer.write(1);
        await eventually(() => ctx.sender.bytesQueued > 0, "it is answered");
        await sleep(150);
        assert.ok(!calls.includes("onClose"));
        peer.resume();
        const reason = await closed;
        assert.ok(reason instanceof ReadIdleTimeoutError, `${reason}`);
      }));

    test("none of them applies to a connection that is closed or closing", () =>
      withRuntime(adapter, { closeTimeoutMs: 10_000 }, async (runtime) => {
        const limits = Object.fromEntries(
          Object.keys(EACH).map((name) => [name, 30]),
        );
        const { server, serverCtx, clientCtx } = await openPair(
          environment,
          runtime,
          { ...sink(), onIdle() {} },
          {},
          { server: { ...limits, writeIdleTimeoutMs: 10 } },
        );
        clientCtx.pauseReading(); // so that it does not see the FIN
        serverCtx.close();
        const count = server.calls.length;
        await sleep(80);
        assert.equal(server.calls.length, count);
        clientCtx.resumeReading();
        assert.equal(await server.closed, undefined);
      }));
  });
}

const LIMIT_MS = 300;
const HELD_UP_MS = LIMIT_MS + 200;

function heldUpPromises(environment: Environment): void {
  const { adapter, blockEventLoop, connectAnsweringPeer, eventually } =
    environment;
  describe(`${adapter.name}: what is not the peer's fault, either`, () => {
    it("a program that is held up does not make its peers look idle or slow", () =>
      withRuntime(adapter, {}, async (runtime) => {
        let messageCount = 0;
        const server = watched({
          onInboundMessage(buf, ctx, ...rest) {
            const result = onInboundMessage(buf, ctx, ...rest);
            if (result > 0) messageCount++;
            return result;
          },
        });
        const limits = Object.fromEntries(
          Object.keys(EACH).map((name) => [name, LIMIT_MS]),
        );
        const peer = await connectAnsweringPeer(
          await serve(environment, runtime, () => server.reactor, limits),
        );
        peer.begin();
        const ctx = await server.connected;
        ctx.sendOrQueue(new Uint8Array(MESSAGE_SIZE / 2));
        await eventually(
          () => server.calls.includes("onInboundMessage"),
          "half a message",
        );
        const { answeredCount } = peer;
        ctx.sendOrQueue(new Uint8Array(MESSAGE_SIZE / 2), () => {
          blockEventLoop(HELD_UP_MS, () => peer.answeredCount > answeredCount);
        });
        await eventually(
          () => messageCount === 1 || server.calls.includes("onClose"),
          "the message",
        );
        assert.ok(!server.calls.includes("onClose"));
        ctx.close();
        await peer.gone;
      }));
  });
}
