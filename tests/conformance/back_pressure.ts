import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IdleTimeoutError, MessageResult, type Reactor } from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { openPair, type Pair, serve, watched } from "./peers.ts";
import { steady } from "./steady.ts";
import { checking, PatternSender } from "./streams.ts";
import {
  type Context,
  echo,
  pattern,
  PatternChecker,
  signal,
  withRuntime,
} from "./support.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/**
 * The most that is read before a promise callback runs: Deno's node:net
 * delivers everything that the system has buffered for a socket.
 */
const READ_AT_ONCE = 8 * MiB;

/** More than the TCP buffers of both ends hold, in both directions together. */
const MORE_THAN_HELD = 48 * MiB;

/** More than they hold in one direction. */
const MUCH = 16 * MiB;

/** An answer that a connection is to send. */
interface Answer {
  readonly ctx: Context<Answer>;
  readonly bytes: Uint8Array;
}

/** Code other than the handler of the request that sends the answer. */
function waysOf(
  { sleep }: Environment,
): [string, (answer: Answer, other: Context<Answer>) => unknown][] {
  const send = ({ ctx, bytes }: Answer) => void ctx.sendOrQueue(bytes);
  return [
    ["a promise", (answer) => Promise.resolve(answer).then(send)],
    ["a timer", (answer) => sleep(1).then(() => send(answer))],
    [
      "a command",
      (answer) => answer.ctx.cmdSender.sendUserCmd(answer.ctx, answer),
    ],
    [
      "another reactor",
      (answer, other) => other.cmdSender.sendUserCmd(other, answer),
    ],
  ];
}

const sendsAnswers: Partial<Reactor<Answer>> = {
  onCommand: ({ ctx, bytes }) => void ctx.sendOrQueue(bytes),
};

/**
 * A connection that sends more than its peer reads stops reading from it,
 * whoever sends the answers, and nothing deadlocks.
 */
export function backPressurePromises(environment: Environment): void {
  const { adapter, connectPeer, eventually, sleep } = environment;
  const { moreThanHeld: total = MORE_THAN_HELD } = environment;
  const MARK = 256 * KiB;
  const OPTIONS = { sendHighWaterMark: MARK };

  describe(`${adapter.name}: back-pressure`, () => {
    for (const [who, answer] of waysOf(environment)) {
      it(`when ${who} answers, a client that sends requests without reading is no longer read from, and gets everything in the end`, () =>
        withRuntime<Answer>(adapter, {}, async (runtime) => {
          const { serverCtx: other, client: otherClient } = await openPair(
            environment,
            runtime,
            sendsAnswers,
          );
          const checker = new PatternChecker();
          let asked = 0;
          const pair: Pair<Answer> = await openPair<Answer>(
            environment,
            runtime,
            {
              ...sendsAnswers,
              onInboundMessage(buf, ctx) {
                asked += buf.length;
                answer({ ctx, bytes: buf.slice() }, other);
                return MessageResult.dropMsgSize(buf.length);
              },
            },
            {
              onConnected: (ctx) => ctx.pauseReading(),
              ...checking(checker),
            },
            { server: OPTIONS },
          );
          const { client, clientCtx, server, serverCtx } = pair;
          const sending = new PatternSender(
            clientCtx as unknown as Context,
            total,
            [65_521],
          );
          // On a busy machine, what seems to stall may only be slow.
          await eventually(
            () => serverCtx.sender.bytesQueued > MARK / 4,
            "answers wait",
          );
          await stalled(environment, () => asked);
          assert.ok(sending.sent < total, "the client has to wait");
          // Some bytes may have gone out since reading was paused.
          const { bytesQueued } = serverCtx.sender;
          assert.ok(bytesQueued > MARK / 4, `${bytesQueued} bytes wait`);
          const all = sending.endAfter(4 * MiB);
          clientCtx.resumeReading();
          await eventually(() => checker.received >= all, "everything is in");
          clientCtx.close();
          assert.equal(await client.closed, undefined);
          assert.equal(await server.closed, undefined);
          assert.equal(checker.received, all);
          other.close();
          await otherClient.closed;
        }));
    }

    it("answers of promises make the queue no longer than the mark and what the reads ask for that were under way", () =>
      withRuntime(adapter, {}, async (runtime) => {
        let longest = 0;
        const { client, clientCtx, serverCtx } = await openPair(
          environment,
          runtime,
          {
            async onReadable(ctx) {
              const parts: Uint8Array[] = [];
              ctx.reader.tryReadFastRead(ctx, (buf) => {
                parts.push(buf.slice());
                return MessageResult.dropMsgSize(buf.length);
              });
              await Promise.resolve();
              for (const part of parts) ctx.sendOrQueue(part);
              longest = Math.max(longest, ctx.sender.bytesQueued);
            },
          },
          { onConnected: (ctx) => ctx.pauseReading() },
          { server: OPTIONS },
        );
        new PatternSender(clientCtx, total, [65_521]);
        await environment.eventually(
          () => longest > MARK,
          "as many are queued as may be",
        );
        await stalled(environment, () => longest);
        assert.ok(longest <= MARK + READ_AT_ONCE, `${longest} were queued`);
        serverCtx.abort();
        await client.closed;
      }));

    it("reading resumes when the queue is down to the low mark, not before", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const marks = { sendHighWaterMark: MARK, sendLowWaterMark: 1000 };
        const seen: [number, number][] = [];
        const server = watched({
          onInboundMessage(buf, ctx) {
            seen.push([buf[0], ctx.sender.bytesQueued]);
            void Promise.resolve().then(() =>
              ctx.sendOrQueue(pattern(0, MUCH))
            );
            return MessageResult.dropMsgSize(1);
          },
        });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor, marks),
        );
        peer.pause();
        const ctx = await server.connected;
        for (const number of [1, 2]) {
          peer.write(number);
          await eventually(() => seen.length === number, "it is handed out");
          await sleep(20);
        }
        peer.write(3);
        await sleep(50);
        assert.equal(seen.length, 2, "the third waits");
        assert.ok(ctx.sender.bytesQueued > MARK);
        peer.resume();
        await eventually(() => seen.length === 3, "the third is handed out");
        assert.ok(seen[2][1] <= 1000, `${seen[2][1]} were queued`);
        ctx.abort();
        peer.destroy();
        await server.closed;
      }));

    it("an end that sends much at once before it has read keeps reading: so it gets the answers that its peer pauses for", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const checker = new PatternChecker();
        const { client, server } = await openPair(
          environment,
          runtime,
          echo(),
          {
            ...checking(checker, total),
            onConnected: (ctx) => void ctx.sendOrQueue(pattern(0, total)),
          },
          { server: OPTIONS, client: OPTIONS },
        );
        assert.equal(await client.closed, undefined);
        assert.equal(await server.closed, undefined);
        assert.equal(checker.received, total);
      }));

    it("two ends that each send the next piece when the last is out never wait for each other, however large the pieces", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const checkers = [new PatternChecker(), new PatternChecker()];
        const [one, other] = checkers.map((checker) => checking(checker));
        const { client, clientCtx, server, serverCtx } = await openPair(
          environment,
          runtime,
          one,
          other,
          { server: OPTIONS, client: OPTIONS },
        );
        for (const ctx of [serverCtx, clientCtx]) {
          new PatternSender(ctx, MUCH, [8 * MiB, 1, 300 * KiB]);
        }
        await eventually(
          () => checkers.every(({ received }) => received === MUCH),
          "all is in",
        );
        serverCtx.close();
        await Promise.all([server.closed, client.closed]);
      }));

    it("a connection that the queue has paused closes gracefully: what is queued goes out first", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const reason = new Error("enough");
        const { peer, ctx, server } = await pausedByQueue(runtime);
        ctx.close(reason);
        const total = ctx.sender.bytesSent + ctx.sender.bytesQueued;
        peer.resume();
        await peer.ended;
        peer.end();
        assert.equal(await server.closed, reason);
        assert.equal(peer.received, total);
      }));

    it("the peer's FIN waits behind what the pause holds back, and then closes it gracefully", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, ctx, server, countAsked } = await pausedByQueue(runtime);
        peer.write(3);
        peer.end();
        await sleep(50);
        assert.equal(countAsked(), 2, "the third waits");
        assert.ok(!server.calls.includes("onClose"));
        peer.resume();
        await peer.ended;
        assert.equal(await server.closed, undefined);
        assert.equal(countAsked(), 3);
        assert.equal(peer.received, ctx.sender.bytesSent);
      }));

    it("idleTimeoutMs counts during a pause by the queue: it closes the connection of a peer that does not read, and fails its completions", () =>
      withRuntime(steady(environment).adapter, {}, async (runtime) => {
        const told = signal<unknown>();
        const { peer, ctx, server } = await pausedByQueue(runtime, {
          idleTimeoutMs: 300,
        });
        ctx.sendOrQueue(pattern(0, 1), told.resolve);
        const reason = await server.closed;
        assert.ok(reason instanceof IdleTimeoutError, `${reason}`);
        assert.ok(!(await told.promise as { ok: boolean }).ok);
        peer.destroy();
      }));

    /**
     * A connection whose queue exceeds its high-water mark, because of answers
     * sent from promises to a peer that does not read.
     */
    async function pausedByQueue(
      runtime: Parameters<typeof openPair>[1],
      options: { idleTimeoutMs?: number } = {},
    ) {
      let asked = 0;
      const server = watched({
        onInboundMessage(buf, ctx) {
          asked += buf.length;
          void Promise.resolve().then(() => ctx.sendOrQueue(pattern(0, MUCH)));
          return MessageResult.dropMsgSize(buf.length);
        },
      });
      const peer = await connectPeer(
        await serve(environment, runtime, () => server.reactor, {
          ...OPTIONS,
          // The time limit of an open connection also limits how long it may
          // take to close.
          closeTimeoutMs: options.idleTimeoutMs ?? 5000,
          ...options,
        }),
      );
      peer.pause();
      const ctx = await server.connected;
      for (const count of [1, 2]) {
        peer.write(count);
        await eventually(() => asked === count, "it is handed out");
        await sleep(10);
      }
      assert.ok(ctx.sender.bytesQueued > MARK);
      return { peer, ctx, server, countAsked: () => asked };
    }
  });
}

/** Resolves when `count` has not changed for a while, and is not 0. */
async function stalled(
  { sleep }: Environment,
  count: () => number,
): Promise<void> {
  let before: number;
  do {
    before = count();
    await sleep(200);
  } while (count() !== before || before === 0);
}
