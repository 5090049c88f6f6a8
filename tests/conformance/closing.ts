import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CloseTimeoutError,
  type CommandResult,
  ConnectionClosedError,
  MessageResult,
  type Reactor,
  type SendResult,
  TruncatedMessageError,
} from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { openPair, serve, watched } from "./peers.ts";
import { steady } from "./steady.ts";
import { overfill } from "./streams.ts";
import {
  type Context,
  pattern,
  PatternChecker,
  signal,
  withRuntime,
} from "./support.ts";

const MIB = 2 ** 20;

/** A reactor for messages of ten bytes. */
function tens(): Partial<Reactor> {
  return {
    onInboundMessage: (buf) =>
      buf.length < 10
        ? MessageResult.expectMsgSize(10)
        : MessageResult.dropMsgSize(10),
  };
}

/** How connections close, from which end, and how long that may take. */
export function closingPromises(environment: Environment): void {
  const { adapter, connectPeer, eventually, sleep } = environment;
  describe(`${adapter.name}: closing`, () => {
    it("close sends what is queued first: 8 MiB arrive whole", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const checker = new PatternChecker();
        const { server, client } = await openPair(environment, runtime, {
          onConnected(ctx) {
            ctx.sendOrQueue(pattern(0, 8 * MIB));
            ctx.close();
          },
        }, {
          onInboundMessage(buf) {
            checker.check(buf);
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        assert.equal(await client.closed, undefined);
        assert.equal(checker.received, 8 * MIB);
        assert.equal(await server.closed, undefined);
      }));

    it("sendClose does so, too", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const checker = new PatternChecker();
        const { serverCtx, client } = await openPair(environment, runtime, {}, {
          onInboundMessage(buf) {
            checker.check(buf);
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        serverCtx.sendOrQueue(pattern(0, 4 * MIB));
        runtime.cmdSender.sendClose(serverCtx.id);
        assert.equal(await client.closed, undefined);
        assert.equal(checker.received, 4 * MIB);
      }));

    it("after close a reactor gets only onClose, with the first reason given", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const reason = new Error("enough");
        const server = watched<string>({
          onInboundMessage(_buf, ctx) {
            ctx.close(reason);
            ctx.close(new Error("a second call does nothing"));
            return MessageResult.dropMsgSize(1);
          },
          onPeerEnd() {},
          onCommand() {},
        });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        peer.write(1, 2, 3);
        const ctx = await server.connected;
        await peer.ended;
        const refused = signal<CommandResult>();
        runtime.cmdSender.sendUserCmd(ctx.id, "still there?", {
          completion: refused.resolve,
        });
        const result = await refused.promise;
        assert.ok(!result.ok && result.error instanceof ConnectionClosedError);
        peer.write(4, 5, 6);
        peer.end();
        assert.equal(await server.closed, reason);
        assert.deepEqual(server.calls, [
          "onConnected",
          "onInboundMessage",
          "onClose",
        ]);
      }));

    it("a connection that closes while its reading is paused still sees the peer's FIN", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { server, serverCtx, client } = await openPair(
          environment,
          runtime,
          {
            onConnected: (ctx) => ctx.pauseReading(),
          },
        );
        serverCtx.close();
        assert.equal(await client.closed, undefined);
        assert.equal(await server.closed, undefined);
      }));

    it("a send after close is refused: Closed, and a completion with ConnectionClosedError", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { serverCtx, server } = await openPair(environment, runtime);
        const results: SendResult[] = [];
        const send = () => {
          assert.equal(
            serverCtx.sendOrQueue(pattern(0, 10), (result) => {
              results.push(result);
            }),
            "closed",
          );
          assert.equal(serverCtx.sendNoQueue(pattern(0, 10)), 0);
        };
        serverCtx.close();
        send();
        assert.equal(results.length, 0, "not from inside the call");
        await server.closed;
        send();
        await eventually(() => results.length === 2, "both are told");
        for (const result of results) {
          assert.ok(
            !result.ok && result.error instanceof ConnectionClosedError,
          );
        }
      }));

    it("abort drops what is queued and fails its completions with the reason, before onClose", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const reason = new Error("away with it");
        const order: unknown[] = [];
        const { serverCtx, clientCtx, server, client } = await openPair(
          environment,
          runtime,
          { onClose: (why) => void order.push(why) },
        );
        clientCtx.pauseReading();
        overfill(serverCtx, (result) => {
          order.push(result);
        });
        serverCtx.abort(reason);
        assert.deepEqual(order, [], "not from inside the call");
        assert.equal(await server.closed, reason);
        assert.deepEqual(order, [{ ok: false, error: reason }, reason]);
        clientCtx.resumeReading();
        await client.closed;
      }));

    it("an abort that drops what is queued is not a clean end, whoever began to close before", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const reason = new Error("enough");
        for (const why of [undefined, reason]) {
          for (const isClosing of [false, true]) {
            const { serverCtx, clientCtx, server, client } = await openPair(
              environment,
              runtime,
            );
            clientCtx.pauseReading();
            const results: SendResult[] = [];
            overfill(serverCtx, (result) => results.push(result));
            if (isClosing) serverCtx.close();
            await sleep(20);
            serverCtx.abort(why);
            const told = await server.closed;
            if (why === undefined) {
              assert.ok(told instanceof ConnectionClosedError);
              assert.match(told.message, /\d+ bytes not sent/);
            } else {
              assert.equal(told, why);
            }
            assert.deepEqual(results, [{ ok: false, error: told }]);
            clientCtx.resumeReading();
            await client.closed;
          }
        }
      }));

    it("the peer's FIN closes a reactor gracefully, after what is queued is out", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const server = watched({
          onInboundMessage(buf, ctx) {
            ctx.sendOrQueue(pattern(0, 4 * MIB));
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        peer.pause();
        peer.write(1);
        peer.end();
        await eventually(
          () => server.calls.includes("onInboundMessage"),
          "asked",
        );
        peer.resume();
        await peer.ended;
        assert.equal(await server.closed, undefined);
        const checker = new PatternChecker();
        for (const chunk of peer.chunks) checker.check(chunk);
        assert.equal(checker.received, 4 * MIB);
      }));

    it("with onPeerEnd the connection stays half open, can send, and ends by close", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const ended = signal<Context>();
        const server = watched({ onPeerEnd: ended.resolve });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        peer.end();
        const ctx = await ended.promise;
        await sleep(20);
        assert.ok(!server.calls.includes("onClose"), "it stays open");
        ctx.sendOrQueue(pattern(0, MIB));
        ctx.close();
        await peer.ended;
        assert.equal(await server.closed, undefined);
        const checker = new PatternChecker();
        for (const chunk of peer.chunks) checker.check(chunk);
        assert.equal(checker.received, MIB);
        assert.deepEqual(server.calls, ["onConnected", "onPeerEnd", "onClose"]);
      }));

    it("a FIN in the middle of a message is TruncatedMessageError, after a whole one it is none", () =>
      withRuntime(adapter, {}, async (runtime) => {
        for (const count of [3, 13, 10]) {
          const server = watched(tens());
          const peer = await connectPeer(
            await serve(environment, runtime, () => server.reactor),
          );
          peer.write(...pattern(0, count));
          peer.end();
          const reason = await server.closed;
          if (count === 10) assert.equal(reason, undefined);
          else assert.ok(reason instanceof TruncatedMessageError);
        }
      }));

    it("onClose never runs inside close or abort, whoever calls them", () =>
      withRuntime(adapter, {}, async (runtime) => {
        let isInside = false;
        let closed = 0;
        const handlers: Partial<Reactor> = {
          onClose() {
            assert.equal(isInside, false);
            closed++;
          },
        };
        for (const name of ["close", "abort"] as const) {
          const { serverCtx, server, clientCtx, client } = await openPair(
            environment,
            runtime,
            handlers,
            handlers,
          );
          isInside = true;
          serverCtx[name]();
          clientCtx[name]();
          serverCtx.abort();
          isInside = false;
          await server.closed;
          await client.closed;
        }
        assert.equal(closed, 4);
      }));

    it("closeTimeoutMs aborts a close whose peer does not read, and fails what is queued", () =>
      withRuntime(adapter, { closeTimeoutMs: 200 }, async (runtime) => {
        const { serverCtx, clientCtx, server } = await openPair(
          environment,
          runtime,
        );
        clientCtx.pauseReading();
        const failed = signal<SendResult>();
        overfill(serverCtx, failed.resolve);
        serverCtx.close();
        const result = await failed.promise;
        assert.ok(!result.ok && result.error instanceof CloseTimeoutError);
        assert.equal(await server.closed, result.error);
      }));

    it("closeTimeoutMs aborts a close that the peer does not answer", () =>
      withRuntime(adapter, { closeTimeoutMs: 100 }, async (runtime) => {
        const server = watched();
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        (await server.connected).close();
        await peer.ended; // but it never sends FIN
        assert.ok((await server.closed) instanceof CloseTimeoutError);
        peer.destroy();
      }));

    it("closeTimeoutMs does not end a close that makes progress", async () => {
      const limitMs = 1000;
      const inTime = steady(environment);
      const { clock } = inTime.adapter;
      const options = { closeTimeoutMs: limitMs };
      await withRuntime(inTime.adapter, options, async (runtime) => {
        const server = watched();
        const peer = await connectPeer(
          await serve(inTime, runtime, () => server.reactor),
        );
        const ctx = await server.connected;
        ctx.sendOrQueue(pattern(0, 24 * MIB));
        const begin = clock.now();
        ctx.close();
        for (let part = 1; part <= 12; part++) {
          peer.pause();
          await sleep(100);
          peer.resume();
          await Promise.race([peer.has(part * 2 * MIB), server.closed]);
        }
        await Promise.race([peer.ended, server.closed]);
        assert.ok(clock.now() - begin > limitMs, "longer than the limit");
        peer.end();
        assert.equal(await server.closed, undefined);
        assert.equal(peer.received, 24 * MIB);
      });
    });
  });
}
