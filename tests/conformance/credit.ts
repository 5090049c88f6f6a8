import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  InvalidCreditError,
  MessageResult,
  type MsgReader,
  type Reactor,
} from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { openPair, type Pair, serve, watched } from "./peers.ts";
import { steady } from "./steady.ts";
import { type Context, signal, withRuntime } from "./support.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/** The largest read. */
const LARGEST_READ = MiB;

const SIZES = [1, 100, 700, 5000];

/** The ways to read messages. */
const STRATEGIES: [string, Partial<Reactor>][] = [
  ["without onReadable", {}],
  ["by tryReadFastRead", {
    onReadable(this: Reactor, ctx) {
      ctx.reader.tryReadFastRead(ctx, this);
      ctx.reader.tryReadFastRead(ctx, this);
    },
  }],
  ["by tryReadFastDispatch", {
    onReadable(this: Reactor, ctx) {
      ctx.reader.tryReadFastDispatch(ctx, this);
    },
  }],
];

/** Reads messages of one size whose first bytes count up. */
class Counter {
  count = 0;
  readonly handlers: Pick<Reactor, "onInboundMessage">;

  constructor(size: number, onMessage: (ctx: Context, n: number) => void) {
    this.handlers = {
      onInboundMessage: (buf, ctx) => {
        if (buf.length < size) return MessageResult.expectMsgSize(size);
        assert.equal(buf[0], ++this.count % 256, "in order");
        onMessage(ctx, this.count);
        return MessageResult.dropMsgSize(size);
      },
    };
  }
}

/** Messages for a {@linkcode Counter}, from number `first` on. */
function messages(size: number, count: number, first = 1): Uint8Array {
  const bytes = new Uint8Array(size * count);
  for (let i = 0; i < count; i++) bytes[i * size] = first + i;
  return bytes;
}

/** `ctx.read(n)` hands out exactly that many messages. */
export function creditPromises(environment: Environment): void {
  const { adapter, connectPeer, eventually, sleep } = environment;

  describe(`${adapter.name}: credit`, () => {
    for (const [how, reading] of STRATEGIES) {
      it(`read(n) hands out n more messages and then none, ${how}, though one read brings many`, () =>
        withRuntime(adapter, {}, async (runtime) => {
          for (const size of SIZES) {
            const counter = new Counter(size, () => {});
            const { clientCtx, serverCtx } = await openPair(
              environment,
              runtime,
              {
                ...reading,
                ...counter.handlers,
                onConnected: (ctx) => ctx.pauseReading(),
              },
            );
            clientCtx.sendOrQueue(messages(size, 100));
            let granted = 0;
            for (const credit of [1, 2, 1, 7, 30]) {
              serverCtx.read(credit);
              granted += credit;
              await eventually(() => counter.count >= granted, "they are in");
              await sleep(5);
              assert.equal(counter.count, granted, `of ${size} bytes`);
            }
            serverCtx.read(20);
            serverCtx.read(20);
            granted += 40;
            await eventually(() => counter.count >= granted, "it adds up");
            await sleep(5);
            assert.equal(counter.count, granted, "and no more");
            serverCtx.resumeReading();
            await eventually(() => counter.count === 100, "without a count");
            serverCtx.abort();
          }
        }));

      it(`a handler that asks for the next message each time gets one after the other, ${how}`, () =>
        withRuntime(adapter, {}, async (runtime) => {
          const counter = new Counter(10, (ctx) => ctx.read(1));
          const { clientCtx } = await openPair(environment, runtime, {
            ...reading,
            ...counter.handlers,
          });
          clientCtx.sendOrQueue(messages(10, 5000));
          await eventually(() => counter.count === 5000, "all are in");
        }));

      it(`what a handler asks for is on top of its own message, ${how}`, () =>
        withRuntime(adapter, {}, async (runtime) => {
          const asks: Record<number, (ctx: Context) => void> = {
            1: (ctx) => ctx.read(2), // without a count before
            3: (ctx) => ctx.read(1), // the last of two
            4: (ctx) => { // and the last again
              ctx.pauseReading();
              ctx.read(3);
            },
            6: (ctx) => { // one more is buffered
              ctx.pauseReading();
              ctx.read(1);
              ctx.read(1);
            },
            8: (ctx) => {
              ctx.resumeReading();
              ctx.read(2);
            },
            9: (ctx) => ctx.pauseReading(), // one more is buffered
          };
          const counter = new Counter(10, (ctx, n) => asks[n]?.(ctx));
          const { clientCtx, serverCtx } = await openPair(
            environment,
            runtime,
            { ...reading, ...counter.handlers },
          );
          clientCtx.sendOrQueue(messages(10, 100));
          await eventually(() => counter.count >= 9, "they are in");
          await sleep(10);
          assert.equal(counter.count, 9);
          serverCtx.read(1);
          await eventually(() => counter.count >= 10, "the next is in");
          await sleep(10);
          assert.equal(counter.count, 10, "what was left is forgotten");
        }));
    }

    it("a message counts once, when it is dropped, whatever its handler is called for it and asks for before", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const seen: number[] = [];
        let asks = 1;
        const { clientCtx, serverCtx } = await openPair(environment, runtime, {
          onInboundMessage(buf, ctx) {
            if (buf.length < 10) {
              if (asks-- > 0) ctx.read(1);
              return MessageResult.expectMsgSize(0);
            }
            seen.push(buf[0]);
            return MessageResult.dropMsgSize(10);
          },
        });
        const bytes = messages(10, 3);
        for (const [start, end] of [[0, 3], [3, 6], [6, 15], [15, 30]]) {
          clientCtx.sendOrQueue(bytes.subarray(start, end));
          await sleep(10);
        }
        assert.deepEqual(seen, [1]);
        serverCtx.read(1);
        await eventually(() => seen.length > 1, "the next is in");
        await sleep(10);
        assert.deepEqual(seen, [1, 2]);
      }));

    it("a handler that drops several messages at once has used the credit of one", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const seen: number[] = [];
        const { clientCtx, serverCtx } = await openPair(environment, runtime, {
          onConnected: (ctx) => ctx.read(2),
          onInboundMessage(buf) {
            if (buf.length < 3) return MessageResult.expectMsgSize(3);
            seen.push(buf[0]);
            return MessageResult.dropMsgSize(3);
          },
        });
        clientCtx.sendOrQueue(messages(1, 12));
        await eventually(() => seen.length === 2, "two are in");
        await sleep(10);
        assert.deepEqual(seen, [1, 4]);
        serverCtx.read(1);
        await eventually(() => seen.length === 3, "another one is in");
      }));

    it("without credit the peer waits; what was read and not handed out is one read at most", () =>
      withRuntime(adapter, {}, async (runtime) => {
        let reader: MsgReader | undefined;
        let longest = 0;
        const counter = new Counter(100, () => {});
        const pair: Pair<unknown> = await openPair<unknown>(
          environment,
          runtime,
          {
            ...counter.handlers,
            onConnected: (ctx) => ctx.read(1),
            onReadable(this: Reactor, ctx) {
              reader = ctx.reader;
              ctx.reader.tryReadFastRead(ctx, this);
              longest = Math.max(longest, ctx.reader.bytesBuffered);
            },
          },
        );
        const { clientCtx, serverCtx, client } = pair;
        clientCtx.sendOrQueue(new Uint8Array(16 * MiB).fill(1));
        await eventually(() => counter.count === 1, "the first is in");
        await sleep(100);
        assert.ok(clientCtx.sender.bytesQueued > 0, "the peer waits");
        assert.ok(longest <= LARGEST_READ, `${longest} were kept`);
        assert.equal(reader?.bytesBuffered, longest, "and no more came");
        serverCtx.abort();
        await client.closed;
      }));

    it("FIN waits for credit behind the messages before it", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const seen: (number | string)[] = [];
        const server = watched({
          onConnected: (ctx) => ctx.read(1),
          onInboundMessage(buf) {
            seen.push(buf[0]);
            return MessageResult.dropMsgSize(1);
          },
          onPeerEnd(ctx) {
            seen.push("FIN");
            ctx.close();
          },
        });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        const ctx = await server.connected;
        peer.write(1, 2);
        peer.end();
        await eventually(() => seen.length === 1, "the first is in");
        await sleep(20);
        assert.deepEqual(seen, [1]);
        ctx.read(1);
        await eventually(() => seen.length === 2, "the second is in");
        await sleep(20);
        assert.deepEqual(seen, [1, 2]);
        ctx.read(1);
        assert.equal(await server.closed, undefined);
        assert.deepEqual(seen, [1, 2, "FIN"]);
      }));

    it("who waits for credit is not idle, and may close: with idleTimeoutMs the clock starts anew at read", () =>
      withRuntime(steady(environment).adapter, {}, async (runtime) => {
        const counter = new Counter(1, () => {});
        const { clientCtx, server, serverCtx } = await openPair(
          environment,
          runtime,
          { ...counter.handlers, onConnected: (ctx) => ctx.read(1) },
          {},
          { server: { idleTimeoutMs: 60 } },
        );
        clientCtx.sendOrQueue(messages(1, 2));
        await eventually(() => counter.count === 1, "the first is in");
        await sleep(200);
        assert.ok(!server.calls.includes("onClose"));
        serverCtx.read(1);
        await eventually(() => counter.count === 2, "the second is in");
        serverCtx.close();
        assert.equal(await server.closed, undefined);
      }));

    it("a number that cannot be a credit is InvalidCreditError, and changes nothing", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const told = signal<Context>();
        const counter = new Counter(1, (ctx) => told.resolve(ctx));
        const { clientCtx, server } = await openPair(
          environment,
          runtime,
          counter.handlers,
        );
        clientCtx.sendOrQueue(messages(1, 1));
        const ctx = await told.promise;
        for (
          const bad of [
            0,
            -1,
            1.5,
            NaN,
            Infinity,
            2 ** 30 + 1,
            "1",
            undefined,
            null,
            {
              valueOf() {
                throw new Error("asked");
              },
            },
          ]
        ) {
          assert.throws(() => ctx.read(bad as number), (error) => {
            assert.ok(error instanceof InvalidCreditError);
            assert.ok(error instanceof RangeError);
            assert.match(error.message, /^Cannot read .* messages/);
            return true;
          });
        }
        clientCtx.sendOrQueue(messages(1, 5, 2));
        await eventually(() => counter.count === 6, "reading goes on");
        ctx.close();
        await server.closed;
        ctx.read(1); // no effect
      }));
  });
}
