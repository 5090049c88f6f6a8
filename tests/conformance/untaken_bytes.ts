import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  IdleTimeoutError,
  MessageResult,
  MessageTooLargeError,
  type MsgReader,
  type Reactor,
  type ReactorReadableContext,
} from "../../mod.ts";
import { CountingAdapter } from "./counting_adapter.ts";
import type { Environment } from "./environment.ts";
import { openPair, serve } from "./peers.ts";
import { sideBySide } from "./side_by_side.ts";
import { steady } from "./steady.ts";
import { PatternSender } from "./streams.ts";
import {
  type Context,
  pattern,
  PatternChecker,
  quietly,
  signal,
  sink,
  withRuntime,
} from "./support.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/** The largest read. */
const LARGEST_READ = MiB;

/** Limits how much is kept. */
const SETTINGS = { maxMessageSize: 64 * KiB };

/** More than the systems of both ends buffer. */
const TOTAL = 32 * MiB;

/** Consumes nothing in `onReadable` until it is ready. */
class Keeper {
  readonly checker = new PatternChecker();
  isReady = false;
  /** Number of bytes dropped by `clear`. */
  cleared = 0;
  /** The most bytes kept after a call of `onReadable`. */
  longest = 0;
  reader: MsgReader | undefined = undefined;

  readonly handlers: Partial<Reactor<string>> = {
    onReadable: (ctx) => {
      this.reader = ctx.reader;
      if (this.isReady) this.take(ctx);
      this.longest = Math.max(this.longest, ctx.reader.bytesBuffered);
    },
    onCommand: (_cmd, ctx) => {
      this.isReady = true;
      this.take(ctx);
    },
  };

  take(ctx: Context<string>): void {
    this.reader!.tryReadFastRead(ctx, (buf) => {
      this.checker.check(buf);
      return MessageResult.dropMsgSize(buf.length);
    });
  }

  clear(): void {
    this.isReady = true;
    this.checker.received += this.reader!.bytesBuffered;
    this.reader!.clear();
  }
}

/** Ways to consume what is kept. */
const WAYS: [string, (keeper: Keeper, ctx: Context<string>) => unknown][] = [
  ["a command", (_keeper, ctx) => ctx.cmdSender.sendUserCmd(ctx.id, "")],
  ["outside of any handler", (keeper, ctx) => {
    keeper.isReady = true;
    keeper.take(ctx);
  }],
  ["onReadable after a pause", (keeper, ctx) => {
    ctx.pauseReading();
    keeper.isReady = true;
    ctx.resumeReading();
  }],
  ["reader.clear", (keeper) => keeper.clear()],
];

/** Bytes that `onReadable` does not consume are kept, up to a limit. */
export function keepingPromises(environment: Environment): void {
  const { adapter, eventually, sleep } = environment;
  describe(`${adapter.name}: what onReadable does not take`, () => {
    const test = sideBySide(environment);
    for (const [way, take] of WAYS) {
      test(`is at most maxMessageSize and a read: the peer waits until it is taken by ${way}; then everything arrives, and FIN behind it`, () =>
        withRuntime<string>(adapter, {}, async (runtime) => {
          const keeper = new Keeper();
          const { client, clientCtx, server, serverCtx } = await openPair(
            environment,
            runtime,
            keeper.handlers,
            {},
            { server: SETTINGS, client: { closeTimeoutMs: 60_000 } },
          );
          clientCtx.sendOrQueue(pattern(0, TOTAL));
          clientCtx.close();
          const { maxMessageSize } = SETTINGS;
          await eventually(() => keeper.longest >= maxMessageSize, "full");
          const { longest } = keeper;
          await sleep(200);
          assert.equal(keeper.longest, longest, "reading has stopped");
          assert.ok(longest < maxMessageSize + LARGEST_READ, `${longest}`);
          assert.ok(clientCtx.sender.bytesQueued > 0, "the peer waits");
          take(keeper, serverCtx);
          assert.equal(await server.closed, undefined);
          assert.equal(await client.closed, undefined);
          assert.equal(keeper.checker.received, TOTAL);
          assert.ok(keeper.longest < maxMessageSize + LARGEST_READ);
        }));
    }

    it("is handed out again when a handler that left it pauses and resumes", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const taken = signal<number>();
        let calls = 0;
        const { clientCtx } = await openPair(environment, runtime, {
          onReadable(ctx) {
            if (++calls === 1) {
              ctx.pauseReading();
              ctx.resumeReading();
            } else {
              ctx.reader.tryReadFastRead(ctx, (buf) => {
                taken.resolve(buf.length);
                return MessageResult.dropMsgSize(buf.length);
              });
            }
          },
        }, {});
        clientCtx.sendOrQueue(new Uint8Array(100));
        assert.equal(await taken.promise, 100);
      }));

    test("comes before the peer's FIN, which may lie behind it for any time", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const total = 100 * KiB;
        const keeper = new Keeper();
        const { client, clientCtx, server, serverCtx } = await openPair(
          environment,
          runtime,
          keeper.handlers,
          {},
          { server: { maxMessageSize: 1 }, client: { closeTimeoutMs: 60_000 } },
        );
        clientCtx.sendOrQueue(pattern(0, total));
        clientCtx.close();
        await eventually(() => keeper.longest > 0, "something is in");
        await sleep(50);
        assert.ok(!server.calls.includes("onClose"));
        serverCtx.cmdSender.sendUserCmd(serverCtx.id, "");
        assert.equal(await server.closed, undefined);
        assert.equal(await client.closed, undefined);
        assert.equal(keeper.checker.received, total);
      }));

    it("is offered again at once to a handler that takes one message a call, until it is less than maxMessageSize", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const messageSize = 100;
        const count = 5000;
        const checker = new PatternChecker();
        const reactor: Reactor = {
          onInboundMessage(buf, ctx) {
            if (buf.length < messageSize) {
              return MessageResult.expectMsgSize(messageSize);
            }
            checker.check(buf.subarray(0, messageSize));
            ctx.pauseReading();
            return MessageResult.dropMsgSize(messageSize);
          },
          onReadable(ctx) {
            ctx.reader.tryReadFastRead(ctx, reactor);
            ctx.resumeReading();
          },
        };
        const { clientCtx } = await openPair(
          environment,
          runtime,
          reactor,
          {},
          {
            server: { maxMessageSize: messageSize },
          },
        );
        new PatternSender(clientCtx, count * messageSize);
        await eventually(
          () => checker.received === count * messageSize,
          "all are in",
        );
      }));

    test("does not stop idleTimeoutMs, which closes a connection that waits for it to be taken", () =>
      withRuntime<string>(steady(environment).adapter, {}, async (runtime) => {
        const keeper = new Keeper();
        const { clientCtx, server } = await openPair(
          environment,
          runtime,
          keeper.handlers,
          {},
          { server: { ...SETTINGS, idleTimeoutMs: 1000 } },
        );
        clientCtx.sendOrQueue(pattern(0, MiB));
        assert.ok(await server.closed instanceof IdleTimeoutError);
        assert.ok(keeper.longest >= SETTINGS.maxMessageSize);
        clientCtx.abort();
      }));

    it("closes the connection with MessageTooLargeError if a socket reads on all the same", () =>
      quietly(() => {
        const deaf = new CountingAdapter(adapter);
        deaf.ignoresPauses = true;
        return withRuntime<string>(deaf, {}, async (runtime) => {
          const keeper = new Keeper();
          const { clientCtx, server } = await openPair(
            environment,
            runtime,
            keeper.handlers,
            {},
            { server: SETTINGS },
          );
          new PatternSender(clientCtx as Context, TOTAL, [65_521]);
          const reason = await server.closed;
          assert.ok(reason instanceof MessageTooLargeError, `${reason}`);
          assert.match(reason.message, /onReadable.*maxMessageSize is 65536/);
          const { maxMessageSize } = SETTINGS;
          assert.ok(keeper.longest < maxMessageSize + 2 * LARGEST_READ);
          clientCtx.abort();
        });
      }));

    it("may be as much as maxMessageSize when reading is paused: it is offered when reading goes on", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const total = MiB;
        const checker = new PatternChecker();
        const first = signal<Context>();
        const reactor: Reactor = {
          onInboundMessage(buf, ctx) {
            checker.check(buf.subarray(0, 1));
            if (checker.received === 1) {
              ctx.pauseReading();
              first.resolve(ctx);
            }
            return MessageResult.dropMsgSize(1);
          },
          onReadable(ctx: ReactorReadableContext) {
            ctx.reader.tryReadFastDispatch(ctx, reactor);
          },
        };
        const { clientCtx } = await openPair(
          environment,
          runtime,
          reactor,
          {},
          {
            server: { maxMessageSize: 1000 },
          },
        );
        new PatternSender(clientCtx, total, [65_521]);
        const ctx = await first.promise;
        await sleep(20);
        assert.equal(checker.received, 1);
        ctx.resumeReading();
        await eventually(() => checker.received === total, "all is in");
      }));
  });

  describe(`${adapter.name}: a reactor whose handlers cannot be read`, () => {
    for (const name of ["onReadable", "onInboundMessage"] as const) {
      it(`closes its own connection with what the getter of ${name} throws, and nothing else`, () =>
        quietly(() =>
          withRuntime(adapter, {}, async (runtime) => {
            const error = new Error(`no ${name}`);
            const told = signal<Error | undefined>();
            let isHostile = false;
            const hostile: Reactor = {
              onConnected: () => void (isHostile = true),
              onInboundMessage: () => MessageResult.dropMsgSize(1),
              onClose: (reason) => told.resolve(reason),
            };
            const own = hostile[name];
            Object.defineProperty(hostile, name, {
              get() {
                if (isHostile) throw error;
                return own;
              },
            });
            const bystander = await openPair(environment, runtime);
            const address = await serve(environment, runtime, () =>
              sink({
                onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(1)),
              }));
            await runtime.connect(address, hostile);
            assert.equal(await told.promise, error);
            assert.ok(!bystander.server.calls.includes("onClose"));
          })
        ));
    }
  });
}
