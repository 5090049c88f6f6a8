import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ConnectionResetError,
  type ConnectionStats,
  MessageResult,
  type Reactor,
  type ReactRuntime,
} from "../../mod.ts";
import type { Environment, Peer } from "./environment.ts";
import { serve, watched } from "./peers.ts";
import {
  type Context,
  pattern,
  PatternChecker,
  withRuntime,
} from "./support.ts";

/** The most messages that a connection may hand out in a turn. */
const MOST = 2 ** 14;

/** The ways to read messages. */
const STRATEGIES: [string, Partial<Reactor<string>>][] = [
  ["without onReadable", {}],
  ["by tryReadFastRead", {
    onReadable(this: Reactor<string>, ctx) {
      ctx.reader.tryReadFastRead(ctx, this);
      ctx.reader.tryReadFastRead(ctx, this);
    },
  }],
  ["by tryReadFastDispatch", {
    onReadable(this: Reactor<string>, ctx) {
      ctx.reader.tryReadFastDispatch(ctx, this);
    },
  }],
];

const MANY = 6 * MOST;

function messageCount({ playsMost }: Environment): number {
  return playsMost ? MANY : 2 * MOST;
}

/** What a peer sends, a message of one byte each, and how it is handed out. */
class Flood {
  readonly checker = new PatternChecker();
  /** How many messages the peer sends. */
  readonly count: number;
  /** How many messages were handed out since the last command was executed. */
  inARow = 0;
  mostInARow = 0;
  endedAt: number | undefined;
  readonly peer: Promise<Peer>;
  readonly ctx: Promise<Context<string>>;
  readonly closed: Promise<Error | undefined>;

  /**
   * `onMessage` and `onCommand` are called with how many there were so far. If
   * `onCommand` returns false, it is the last command.
   */
  constructor(
    environment: Environment,
    runtime: ReactRuntime<string>,
    {
      onMessage,
      onCommand,
      reading = {},
      options = {},
      count = messageCount(environment),
    }: {
      onMessage?: (count: number, ctx: Context<string>) => void;
      onCommand?: (count: number, ctx: Context<string>) => boolean | void;
      reading?: Partial<Reactor<string>>;
      options?: Parameters<typeof serve>[3];
      count?: number;
    } = {},
  ) {
    const { checker } = this;
    this.count = count;
    const askAgain = (ctx: Context<string>): void => {
      runtime.cmdSender.sendUserCmd(ctx.id, "a turn", { completion() {} });
    };
    const server = watched<string>({
      ...reading,
      onInboundMessage: (buf, ctx) => {
        checker.check(buf.subarray(0, 1));
        this.mostInARow = Math.max(this.mostInARow, ++this.inARow);
        if (checker.received === 1) askAgain(ctx);
        onMessage?.(checker.received, ctx);
        return MessageResult.dropMsgSize(1);
      },
      onCommand: (_cmd, ctx) => {
        this.inARow = 0;
        const isToGoOn = onCommand?.(checker.received, ctx) !== false;
        if (isToGoOn && checker.received < this.count) askAgain(ctx);
      },
      onPeerEnd: (ctx) => {
        this.endedAt = checker.received;
        ctx.close();
      },
    });
    this.ctx = server.connected;
    this.closed = server.closed;
    this.peer = serve(environment, runtime, () => server.reactor, options)
      .then((address) => environment.connectPeer(address));
  }

  get received(): number {
    return this.checker.received;
  }

  /** The peer sends everything. */
  async start(): Promise<Peer> {
    const peer = await this.peer;
    peer.send(pattern(0, this.count));
    return peer;
  }
}

/** A connection that brings messages without end does not hold up others. */
export function turnSharePromises(environment: Environment): void {
  const { adapter, eventually, sleep } = environment;
  const count = messageCount(environment);
  describe(`${adapter.name}: a peer that sends more messages than a turn hands out`, () => {
    for (const [how, reading] of STRATEGIES) {
      it(`has all of them handled in order, then its FIN, and commands are executed in between, ${how}`, () =>
        withRuntime<string>(adapter, {}, async (runtime) => {
          const flood = new Flood(environment, runtime, { reading });
          const peer = await flood.start();
          peer.end();
          assert.equal(await flood.closed, undefined);
          assert.equal(flood.endedAt, count);
          assert.ok(flood.mostInARow <= MOST, `${flood.mostInARow} in a row`);
          await peer.ended;
        }));
    }

    it("is answered in order", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const flood = new Flood(environment, runtime, {
          onMessage: (count, ctx) =>
            void ctx.sendOrQueue(pattern(count - 1, 1)),
        });
        const peer = await flood.start();
        await peer.has(count);
        const answers = new PatternChecker();
        for (const chunk of peer.chunks) answers.check(chunk);
        peer.end();
        await flood.closed;
      }));

    it("does not hold up another connection", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        let between = 0;
        const other = watched<string>({
          onInboundMessage(buf, ctx) {
            if (flood.received > 0 && flood.received < MANY) between++;
            ctx.sendOrQueue(buf);
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        const address = await serve(environment, runtime, () => other.reactor);
        const bouncing = watched<string>({
          onInboundMessage(buf, ctx) {
            ctx.sendOrQueue(buf);
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        await runtime.connect(address, bouncing.reactor);
        const flood = new Flood(environment, runtime, { count: MANY });
        (await bouncing.connected).sendOrQueue(Uint8Array.of(1));
        await flood.start();
        await eventually(() => flood.received === MANY, "all are in");
        assert.ok(between > 0, `${between} messages in between`);
        (await flood.ctx).abort();
      }));

    for (const way of ["close", "abort"] as const) {
      it(`is sent no further by ${way}() while the rest waits`, () =>
        withRuntime<string>(adapter, {}, async (runtime) => {
          let closedAt: number | undefined;
          const flood = new Flood(environment, runtime, {
            onCommand(count, ctx) {
              closedAt ??= count;
              ctx[way]();
            },
          });
          const peer = await flood.start();
          peer.end();
          await flood.closed;
          assert.ok(closedAt! < count);
          assert.equal(flood.received, closedAt);
        }));
    }

    it("has all handed out that was read when its connection is lost while the rest waits, though no answer can go out", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const answer = new Uint8Array(8);
        const flood: Flood = new Flood(environment, runtime, {
          count: MANY,
          onMessage: (_count, ctx) => void ctx.sendOrQueue(answer),
          // With unread bytes, which makes it a reset.
          onCommand: () => void flood.peer.then((peer) => peer.destroy()),
        });
        (await flood.peer).pause();
        await flood.start();
        const reason = await flood.closed;
        assert.ok(reason instanceof ConnectionResetError, `${reason}`);
        const { bytesIn, messagesIn } = (await flood.ctx).stats();
        assert.ok(bytesIn > 0);
        assert.deepEqual([flood.received, messagesIn], [bytesIn, bytesIn]);
      }));

    it("has all handed out that was read when a stop drains while the rest waits", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const draining = watched<string>({ onDrain: (ctx) => ctx.close() });
        const address = await serve(
          environment,
          runtime,
          () => draining.reactor,
        );
        const other = await environment.connectPeer(address);
        await draining.connected;
        let stopped: Promise<void> | undefined;
        const flood = new Flood(environment, runtime, {
          count: MANY,
          onCommand() {
            stopped ??= runtime.stop({ drainMs: 5000, graceMs: 100 });
            return false;
          },
        });
        await flood.start();
        await flood.closed;
        const { bytesIn } = (await flood.ctx).stats();
        assert.ok(bytesIn > 0);
        assert.equal(flood.received, bytesIn);
        other.end();
        await stopped;
      }));

    it("is paused and resumed by the reactor while the rest waits", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        let pausedAt: number | undefined;
        const flood = new Flood(environment, runtime, {
          onCommand(count, ctx) {
            pausedAt = count;
            ctx.resumeReading();
            ctx.pauseReading();
            return false;
          },
        });
        const peer = await flood.start();
        await eventually(() => pausedAt !== undefined, "it is paused");
        await sleep(20);
        assert.equal(flood.received, pausedAt);
        const ctx = await flood.ctx;
        ctx.read(1);
        await eventually(() => flood.received > pausedAt!, "one more");
        await sleep(20);
        assert.equal(flood.received, pausedAt! + 1);
        ctx.resumeReading();
        peer.end();
        await flood.closed;
        assert.equal(flood.endedAt, count);
      }));

    it("is handled no further in the same turn if its reactor resumes reading", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const flood = new Flood(environment, runtime, {
          onMessage(_count, ctx) {
            ctx.pauseReading();
            ctx.resumeReading();
          },
          reading: {
            onReadable(this: Reactor<string>, ctx) {
              ctx.reader.tryReadFastRead(ctx, this);
              ctx.pauseReading();
              ctx.resumeReading();
              ctx.reader.tryReadFastRead(ctx, this);
            },
          },
        });
        const peer = await flood.start();
        peer.end();
        await flood.closed;
        assert.equal(flood.endedAt, count);
        assert.ok(flood.mostInARow <= MOST, `${flood.mostInARow} in a row`);
      }));

    it("keeps a pause for its turn out of the statistics", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const flood = new Flood(environment, runtime);
        const peer = await flood.start();
        await eventually(() => flood.received === count, "all are in");
        const ctx = await flood.ctx;
        const { messagesIn, bytesIn, pauses, pausedMs } = ctx.stats();
        assert.deepEqual([messagesIn, bytesIn, pauses, pausedMs], [
          count,
          count,
          0,
          0,
        ]);
        peer.end();
        await flood.closed;
      }));

    it("counts no more of a pause that its reactor has ended than was over then", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        let stats: ConnectionStats | undefined;
        const flood = new Flood(environment, runtime, {
          onCommand(_count, ctx) {
            if (stats !== undefined) return;
            ctx.pauseReading();
            ctx.resumeReading();
            stats = ctx.stats();
          },
        });
        const peer = await flood.start();
        await eventually(() => flood.received === count, "all are in");
        const { pauses, pausedMs } = (await flood.ctx).stats();
        assert.deepEqual([pauses, pausedMs], [1, stats!.pausedMs]);
        peer.end();
        await flood.closed;
      }));
  });
}
