import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type DispatchContext,
  MessageResult,
  type SendResult,
} from "../../mod.ts";
import type { Environment, Peer } from "./environment.ts";
import { openPair, serve, watched } from "./peers.ts";
import { checking } from "./streams.ts";
import { pattern, PatternChecker, signal, withRuntime } from "./support.ts";

const TOTAL = 16 * 2 ** 20;
const PIECE = 64 * 1024;

/** One direction ends, the other goes on. */
export function halfClosePromises(environment: Environment): void {
  const { adapter, connectPeer, sleep } = environment;
  describe(`${adapter.name}: half-close`, () => {
    it("close() sends the 16 MiB that are queued, then FIN", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const checker = new PatternChecker();
        const results: SendResult[] = [];
        const { server, client } = await openPair(environment, runtime, {
          onConnected(ctx) {
            sendAll(ctx, results);
            ctx.close();
          },
        }, checking(checker));
        assert.equal(await client.closed, undefined);
        assert.equal(await server.closed, undefined);
        assert.equal(checker.received, TOTAL);
        assert.deepEqual(results, [{ ok: true }]);
      }));

    it("after a peer's FIN the 16 MiB that are queued go out to it, then our FIN", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const server = watched({
          onInboundMessage(buf, ctx) {
            sendAll(ctx);
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        peer.write(1);
        peer.end();
        await peer.ended;
        checkAll(peer);
        assert.equal(await server.closed, undefined);
      }));

    it("with onPeerEnd a connection stays half open: 16 MiB both ways, both ends in good order", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const checker = new PatternChecker();
        const peerEnded = signal<DispatchContext>();
        const server = watched({
          ...checking(checker),
          onConnected: (ctx) => sendAll(ctx),
          onPeerEnd: (ctx) => peerEnded.resolve(ctx),
        });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        peer.pause();
        peer.send(pattern(0, TOTAL));
        peer.end();
        const ctx = await peerEnded.promise;
        assert.equal(checker.received, TOTAL);
        assert.ok(ctx.sender.bytesQueued > 0, "the answer was still queued");
        ctx.sendOrQueue(pattern(TOTAL, 5));
        ctx.close();
        peer.resume();
        await peer.ended;
        checkAll(peer, TOTAL + 5);
        assert.equal(await server.closed, undefined);
      }));

    it("the peer's FIN first and ours much later close it in good order at once", () =>
      withRuntime(adapter, { closeTimeoutMs: 60_000 }, async (runtime) => {
        const peerEnded = signal<DispatchContext>();
        const server = watched({ onPeerEnd: (ctx) => peerEnded.resolve(ctx) });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        peer.end();
        const ctx = await peerEnded.promise;
        await sleep(20);
        ctx.sendOrQueue(pattern(0, PIECE));
        await peer.has(PIECE);
        await sleep(20);
        const start = adapter.clock.now();
        ctx.close();
        await peer.ended;
        checkAll(peer, PIECE);
        assert.equal(await server.closed, undefined);
        assert.ok(
          adapter.clock.now() - start < 30_000,
          "not by closeTimeoutMs",
        );
      }));

    it("our FIN first and the peer's much later close it in good order at once", () =>
      withRuntime(adapter, { closeTimeoutMs: 60_000 }, async (runtime) => {
        const server = watched({ onConnected: (ctx) => ctx.close() });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        await peer.ended;
        await sleep(20);
        const start = adapter.clock.now();
        peer.end();
        assert.equal(await server.closed, undefined);
        assert.ok(
          adapter.clock.now() - start < 30_000,
          "not by closeTimeoutMs",
        );
      }));

    it("both ends may queue 16 MiB and close: what the one that listens on gets is whole, and neither is reset", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const checker = new PatternChecker();
        const results: SendResult[] = [];
        const { server, client } = await openPair(environment, runtime, {
          onConnected(ctx) {
            sendAll(ctx, results);
            ctx.close();
          },
        }, {
          ...checking(checker),
          onConnected: (ctx) => sendAll(ctx, results),
          onPeerEnd: (ctx) => ctx.close(),
        });
        assert.equal(await client.closed, undefined);
        assert.equal(await server.closed, undefined);
        assert.equal(checker.received, TOTAL);
        assert.deepEqual(results, [{ ok: true }, { ok: true }]);
      }));

    it("while reading is paused the peer's FIN waits, behind the messages that were held back", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const seen: (number | string)[] = [];
        const server = watched({
          onInboundMessage(buf, ctx) {
            seen.push(buf[0]);
            if (buf[0] === 1) ctx.pauseReading();
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
        peer.write(1, 2, 3);
        peer.end();
        const ctx = await server.connected;
        await sleep(100);
        assert.deepEqual(seen, [1]);
        ctx.resumeReading();
        assert.equal(await server.closed, undefined);
        assert.deepEqual(seen, [1, 2, 3, "FIN"]);
      }));
  });
}

function sendAll(ctx: DispatchContext, results: SendResult[] = []): void {
  ctx.sendOrQueue(pattern(0, TOTAL), (result) => results.push(result));
}

function checkAll(peer: Peer, total = TOTAL): void {
  const checker = new PatternChecker();
  for (const chunk of peer.chunks) checker.check(chunk);
  assert.equal(checker.received, total);
}
