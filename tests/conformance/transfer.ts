import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isIP } from "node:net";
import {
  DefaultTcpListenerHandler,
  formatAddress,
  MessageResult,
  type Reactor,
  type ReactRuntime,
  type TcpAddress,
} from "../../mod.ts";
import { framingPromises } from "./framing.ts";
import type { Environment } from "./environment.ts";
import { keepingPromises } from "./untaken_bytes.ts";
import { largeMessagePromises } from "./large_messages.ts";
import { halfClosePromises } from "./half_close.ts";
import { openPair, serve, watched } from "./peers.ts";
import { sendBufferPromises } from "./send_buffer.ts";
import { sendingPromises } from "./sending.ts";
import { checking, PatternSender } from "./streams.ts";
import {
  type Context,
  echo,
  pattern,
  PatternChecker,
  withRuntime,
} from "./support.ts";
import { asTcp } from "../support/tcp.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/** Bytes are transferred completely, in order, within bounds, and in time. */
export function transferPromises(environment: Environment): void {
  const { adapter, eventually, sleep, playsMost } = environment;
  const most = playsMost ? 64 * MiB : 13 * MiB;
  describe(`${adapter.name}: transfer`, () => {
    for (const total of [0, 1, 2, 1023, 65_537, 1_000_003, most]) {
      it(`echoes ${total} bytes sent in odd pieces, every byte in its place`, () =>
        withRuntime(adapter, {}, async (runtime) => {
          const checker = new PatternChecker();
          const { client, clientCtx, server } = await openPair(
            environment,
            runtime,
            echo(),
            checking(checker, total),
          );
          if (total === 0) clientCtx.close();
          new PatternSender(clientCtx, total);
          assert.equal(await client.closed, undefined);
          assert.equal(await server.closed, undefined);
          assert.equal(checker.received, total);
        }));
    }

    it("a slow reader costs the server no more than its high-water mark, and gets everything in the end", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const total = 48 * MiB;
        const highWaterMark = 256 * KiB;
        const largestRead = MiB;
        const checker = new PatternChecker();
        let longest = 0;
        const { client, clientCtx, serverCtx } = await openPair(
          environment,
          runtime,
          {
            onInboundMessage(buf, ctx) {
              ctx.sendOrQueue(buf);
              longest = Math.max(longest, ctx.sender.bytesQueued);
              return MessageResult.dropMsgSize(buf.length);
            },
          },
          {
            onConnected: (ctx) => ctx.pauseReading(),
            ...checking(checker),
          },
          { server: { sendHighWaterMark: highWaterMark } },
        );
        const sending = new PatternSender(clientCtx, total, [65_521]);
        await stalled(environment, clientCtx);
        assert.ok(sending.sent < total, "the sender had to wait");
        assert.ok(serverCtx.sender.bytesQueued > 0, "the server had to wait");
        assert.equal(checker.received, 0);
        const all = sending.endAfter(4 * MiB);
        clientCtx.resumeReading();
        await eventually(() => checker.received >= all, "everything is in");
        clientCtx.close();
        assert.equal(await client.closed, undefined);
        assert.equal(checker.received, all);
        assert.ok(longest > highWaterMark, `at most ${longest} were queued`);
        assert.ok(
          longest <= highWaterMark + largestRead,
          `${longest} were queued`,
        );
      }));

    it("a handler that transfers the buffer of its message away harms nothing, not even its own connection", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const total = 3 * MiB;
        const checkers = [new PatternChecker(), new PatternChecker()];
        const [taker, bystander] = checkers.map((checker) =>
          checking(checker, total)
        );
        const takes: Reactor = {
          ...taker,
          onInboundMessage(buf, ...rest) {
            const result = taker.onInboundMessage(buf, ...rest);
            takeAway(buf.buffer as ArrayBuffer);
            return result;
          },
        };
        const pairs = [
          await openPair(environment, runtime, takes),
          await openPair(environment, runtime, bystander),
        ];
        for (const { clientCtx } of pairs) new PatternSender(clientCtx, total);
        await eventually(
          () => checkers.every(({ received }) => received === total),
          "all bytes are in",
        );
      }));

    it("pauseReading holds back the rest of what was read, resumeReading hands it out", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const received: number[] = [];
        const { clientCtx, serverCtx } = await openPair(environment, runtime, {
          onInboundMessage(buf, ctx) {
            received.push(buf[0]);
            if (buf[0] === 2) ctx.pauseReading();
            return MessageResult.dropMsgSize(1);
          },
        });
        clientCtx.sendOrQueue(Uint8Array.of(1, 2, 3));
        await eventually(() => received.length === 2, "the first two are in");
        clientCtx.sendOrQueue(Uint8Array.of(4));
        await sleep(50);
        assert.deepEqual(received, [1, 2]);
        serverCtx.resumeReading();
        await eventually(() => received.length === 4, "the others are in");
        assert.deepEqual(received, [1, 2, 3, 4]);
      }));

    it("a handler may pause and resume reading at once, at every message and at every read", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const pauseAndResume = (ctx: Context) => {
          ctx.pauseReading();
          ctx.resumeReading();
        };
        for (const isReadable of [false, true]) {
          const received: number[] = [];
          const reactor: Reactor = {
            onInboundMessage(buf, ctx) {
              received.push(buf[0]);
              pauseAndResume(ctx);
              return MessageResult.dropMsgSize(1);
            },
          };
          if (isReadable) {
            reactor.onReadable = (ctx) => {
              pauseAndResume(ctx);
              ctx.reader.tryReadFastRead(ctx, reactor);
            };
          }
          const { clientCtx } = await openPair(environment, runtime, reactor);
          clientCtx.sendOrQueue(Uint8Array.of(1, 2, 3, 4));
          await eventually(() => received.length === 4, "all are in");
          assert.deepEqual(received, [1, 2, 3, 4]);
        }
      }));

    it("handlers get a plain Uint8Array that they may change", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const total = 300_007;
        const messageSize = 1009;
        const checker = new PatternChecker();
        const { client, clientCtx } = await openPair(environment, runtime, {
          onInboundMessage(buf, ctx) {
            assert.equal(buf.constructor, Uint8Array);
            if (buf.length < messageSize) {
              return MessageResult.expectMsgSize(messageSize);
            }
            const message = buf.subarray(0, messageSize);
            for (let i = 0; i < messageSize; i++) message[i] ^= 0xff;
            ctx.sendOrQueue(message);
            message.fill(0);
            return MessageResult.dropMsgSize(messageSize);
          },
        }, {
          onInboundMessage(buf, ctx, newBytes, decodedMsgSize) {
            assert.equal(buf.constructor, Uint8Array);
            for (let i = 0; i < buf.length; i++) buf[i] ^= 0xff;
            return checking(checker, count).onInboundMessage(
              buf,
              ctx,
              newBytes,
              decodedMsgSize,
            );
          },
        });
        const count = total - total % messageSize;
        new PatternSender(clientCtx, count, [1, 1013, 20_011]);
        assert.equal(await client.closed, undefined);
        assert.equal(checker.received, count);
      }));

    for (const host of environment.hosts) {
      it(`serves ${host}, and both ends know both addresses`, () =>
        withRuntime(adapter, {}, async (runtime) => {
          const { listening, near, far } = await connectVia(runtime, host);
          assert.equal(formatAddress({ ...listening, port: 0 }), `${host}:0`);
          assert.equal(
            formatAddress(far.localAddress),
            formatAddress(listening),
          );
          checkBothAddresses(near, far);
        }));
    }

    it("serves a host name, and both ends know the addresses it stands for", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { listening, near, far } = await connectVia(runtime, "localhost");
        assert.equal(far.localAddress.port, listening.port);
        assert.notEqual(isIP(far.localAddress.hostname), 0);
        checkBothAddresses(near, far);
      }));

    const count = playsMost ? 1000 : 200;
    it(`serves ${count} connections at once, each with its own bytes, and closes them all`, () =>
      withRuntime(adapter, {}, async (runtime) => {
        const wave = 100;
        const closed: Promise<Error | undefined>[] = [];
        const contexts: Context[] = [];
        const checkers: PatternChecker[] = [];
        const sizeOf = (index: number) => 1 + index * 7;
        const address = await serve(environment, runtime, () => echo());
        while (contexts.length < count) {
          const clients = Array.from({ length: wave }, (_, i) => {
            const checker = new PatternChecker();
            checkers.push(checker);
            return watched(checking(checker, sizeOf(contexts.length + i)));
          });
          await Promise.all(
            clients.map(({ reactor }) => runtime.connect(address, reactor)),
          );
          for (const client of clients) {
            contexts.push(await client.connected);
            closed.push(client.closed);
          }
        }
        await eventually(
          () => runtime.connectionCount === 2 * count,
          "all are open at once",
        );
        contexts.forEach((ctx, i) => new PatternSender(ctx, sizeOf(i)));
        for (const reason of closed) assert.equal(await reason, undefined);
        checkers.forEach((checker, i) =>
          assert.equal(checker.received, sizeOf(i))
        );
        await eventually(() => runtime.connectionCount === 0, "all are closed");
      }));

    it("small writes do not wait for an acknowledgement: 200 round trips of two writes each way stay far below 40 ms each", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const rounds = 200;
        const sendInTwoWrites = (ctx: Context) =>
          ctx.sendOrQueue(
            pattern(0, 10),
            () => ctx.sendOrQueue(pattern(10, 10)),
          );
        let round = 0;
        const whole = (onWhole: (ctx: Context) => void): Partial<Reactor> => ({
          onInboundMessage(buf, ctx) {
            if (buf.length < 20) return MessageResult.expectMsgSize(20);
            new PatternChecker().check(buf);
            onWhole(ctx);
            return MessageResult.dropMsgSize(20);
          },
        });
        const { client, clientCtx } = await openPair(
          environment,
          runtime,
          whole(sendInTwoWrites),
          whole((ctx) => {
            if (++round === rounds) ctx.close();
            else sendInTwoWrites(ctx);
          }),
        );
        const start = adapter.clock.now();
        sendInTwoWrites(clientCtx);
        assert.equal(await client.closed, undefined);
        const perRound = (adapter.clock.now() - start) / rounds;
        assert.equal(round, rounds);
        assert.ok(perRound < 20, `${perRound} ms a round trip`);
      }));
  });

  framingPromises(environment);
  largeMessagePromises(environment);
  sendingPromises(environment);
  sendBufferPromises(environment);
  halfClosePromises(environment);
  keepingPromises(environment);
}

/** Resolves when nothing of the queue of `ctx` has gone out for a while. */
async function stalled({ sleep }: Environment, ctx: Context): Promise<void> {
  let sent: number;
  do {
    sent = ctx.sender.bytesSent;
    await sleep(200);
  } while (ctx.sender.bytesSent !== sent || ctx.sender.bytesQueued === 0);
}

/**
 * Listens on `host`, connects, and exchanges bytes. Resolves to the listener's
 * address and the addresses of both sockets.
 */
async function connectVia(
  runtime: ReactRuntime,
  host: string,
): Promise<{ listening: TcpAddress; near: Addresses; far: Addresses }> {
  const checker = new PatternChecker();
  const server = watched(echo() as Partial<Reactor>);
  const client = watched(checking(checker, 1000));
  const id = await runtime.listen(
    `${host}:0`,
    new DefaultTcpListenerHandler(() => server.reactor),
  );
  const listening = asTcp(id.address);
  await runtime.connect(`${host}:${listening.port}`, client.reactor);
  const near = addressesOf(await client.connected);
  const far = addressesOf(await server.connected);
  new PatternSender(await client.connected, 1000);
  assert.equal(await client.closed, undefined);
  assert.equal(await server.closed, undefined);
  assert.equal(checker.received, 1000);
  return { listening, near, far };
}

type Addresses = Record<"localAddress" | "remoteAddress", TcpAddress>;

function addressesOf({ socket }: Context): Addresses {
  return {
    localAddress: asTcp(socket.localAddress),
    remoteAddress: asTcp(socket.remoteAddress),
  };
}

function checkBothAddresses(near: Addresses, far: Addresses): void {
  assert.equal(
    formatAddress(near.remoteAddress),
    formatAddress(far.localAddress),
  );
  assert.equal(
    formatAddress(near.localAddress),
    formatAddress(far.remoteAddress),
  );
  assert.equal(near.localAddress.hostname, near.remoteAddress.hostname);
  assert.notEqual(near.localAddress.port, near.remoteAddress.port);
}

/** Transfers `buffer`, if the runtime allows it. */
function takeAway(buffer: ArrayBuffer): void {
  try {
    structuredClone(buffer, { transfer: [buffer] });
    (buffer as { transfer?(): unknown }).transfer?.();
  } catch {
    // It cannot be transferred, or has just been.
  }
}
