import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ConnectionResetError,
  type DispatchContext,
  MessageResult,
  type SendResult,
  TruncatedMessageError,
} from "../../mod.ts";
import type { Environment, Peer } from "./environment.ts";
import { openPair, serve, watched } from "./peers.ts";
import { checking } from "./streams.ts";
import { pattern, PatternChecker, signal, withRuntime } from "./support.ts";

const TOTAL = 16 * 2 ** 20;
const PIECE = 64 * 1024;

/** One direction ends while the other continues. */
export function halfClosePromises(environment: Environment): void {
  const { adapter, connectPeer, eventually, sleep } = environment;
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

    it("with onPeerEnd a connection stays half open: 16 MiB both ways, both ends cleanly", () =>
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

    it("the peer's FIN first and ours much later close it gracefully at once", () =>
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

    it("our FIN first and the peer's much later close it gracefully at once", () =>
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

    it("end() sends the 16 MiB that are queued, then FIN; messages still come in, and the peer's FIN closes gracefully at once", () =>
      withRuntime(adapter, { closeTimeoutMs: 60_000 }, async (runtime) => {
        const checker = new PatternChecker();
        const results: SendResult[] = [];
        const server = watched({
          ...checking(checker),
          onConnected(ctx) {
            sendAll(ctx, results);
            ctx.end();
            ctx.end();
            assert.equal(ctx.sendOrQueue(Uint8Array.of(1)), "closed");
            assert.equal(ctx.sendNoQueue(Uint8Array.of(1)), 0);
          },
        });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        await peer.ended;
        checkAll(peer);
        assert.deepEqual(results, [{ ok: true }]);
        peer.send(pattern(0, PIECE));
        await eventually(() => checker.received === PIECE, "a piece is in");
        await sleep(20);
        peer.send(pattern(PIECE, TOTAL - PIECE));
        const start = adapter.clock.now();
        peer.end();
        assert.equal(await server.closed, undefined);
        await peer.closed;
        assert.equal(checker.received, TOTAL);
        assert.ok(
          adapter.clock.now() - start < 30_000,
          "not by closeTimeoutMs",
        );
      }));

    it("after end() the peer's FIN comes to onPeerEnd, behind what it sent, while the queue is still going out", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const seen: string[] = [];
        const peerEnded = signal<DispatchContext>();
        const server = watched({
          onConnected(ctx) {
            sendAll(ctx);
            ctx.end();
          },
          onInboundMessage(buf) {
            seen.push(String(buf[0]));
            return MessageResult.dropMsgSize(1);
          },
          onPeerEnd(ctx) {
            seen.push("FIN");
            peerEnded.resolve(ctx);
          },
          onClose: () => void seen.push("closed"),
        });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        peer.pause();
        peer.write(1, 2);
        peer.end();
        const ctx = await peerEnded.promise;
        assert.ok(ctx.sender.bytesQueued > 0, "the answer was still queued");
        peer.resume();
        await peer.ended;
        checkAll(peer);
        assert.equal(await server.closed, undefined);
        assert.deepEqual(seen, ["1", "2", "FIN", "closed"]);
      }));

    it("end() after the peer's FIN closes", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const server = watched({
          onPeerEnd(ctx) {
            ctx.sendOrQueue(pattern(0, PIECE));
            ctx.end();
          },
        });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        peer.end();
        await peer.ended;
        checkAll(peer, PIECE);
        assert.equal(await server.closed, undefined);
      }));

    it("close() after end() receives no more messages, and waits for the peer's FIN", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const reason = new Error("enough");
        const server = watched({ onConnected: (ctx) => ctx.end() });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        const ctx = await server.connected;
        await peer.ended;
        ctx.close(reason);
        peer.write(1);
        await sleep(20);
        assert.deepEqual(server.calls, ["onConnected"]);
        peer.end();
        assert.equal(await server.closed, reason);
      }));

    it("after end() reading may pause: what the peer sent, and its FIN, wait", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const checker = new PatternChecker();
        const server = watched({
          ...checking(checker),
          onConnected(ctx) {
            ctx.pauseReading();
            ctx.end();
          },
        });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        const ctx = await server.connected;
        await peer.ended;
        peer.send(pattern(0, PIECE));
        peer.end();
        await sleep(50);
        assert.equal(checker.received, 0);
        assert.deepEqual(server.calls, ["onConnected"]);
        ctx.resumeReading();
        assert.equal(await server.closed, undefined);
        assert.equal(checker.received, PIECE);
      }));

    it("after end() each message may pause reading, the last one, too: the peer's FIN waits", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const seen: (number | string)[] = [];
        const server = watched({
          onConnected: (ctx) => ctx.end(),
          onInboundMessage(buf, ctx) {
            seen.push(buf[0]);
            ctx.pauseReading();
            return MessageResult.dropMsgSize(1);
          },
          onPeerEnd: () => void seen.push("FIN"),
        });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        const ctx = await server.connected;
        await peer.ended;
        peer.write(1);
        peer.write(2);
        peer.end();
        for (const expected of [[1], [1, 2]]) {
          await eventually(
            () => seen.length === expected.length,
            `${expected} arrived`,
          );
          await sleep(50);
          assert.deepEqual(seen, expected);
          ctx.resumeReading();
        }
        assert.equal(await server.closed, undefined);
        assert.deepEqual(seen, [1, 2, "FIN"]);
      }));

    it("after end() a connection that is paused can be aborted, though the peer has ended", () =>
      withRuntime(adapter, {}, async (runtime) => {
        let count = 0;
        const server = watched({
          onConnected: (ctx) => ctx.end(),
          onInboundMessage(_buf, ctx) {
            count++;
            ctx.pauseReading();
            return MessageResult.dropMsgSize(1);
          },
        });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        const ctx = await server.connected;
        await peer.ended;
        peer.write(1);
        peer.write(2);
        peer.end();
        await eventually(() => count === 1, "it has paused");
        await sleep(50);
        ctx.resumeReading();
        await eventually(() => count === 2, "it has paused again");
        await sleep(50);
        const reason = new Error("enough");
        ctx.abort(reason);
        assert.equal(await server.closed, reason);
      }));

    it("after end() a FIN in the middle of a message is TruncatedMessageError, with onPeerEnd or without", () =>
      withRuntime(adapter, {}, async (runtime) => {
        for (const handlers of [{}, { onPeerEnd() {} }]) {
          const server = watched({
            ...handlers,
            onConnected: (ctx) => ctx.end(),
            onInboundMessage: () => MessageResult.expectMsgSize(9),
          });
          const peer = await connectPeer(
            await serve(environment, runtime, () => server.reactor),
          );
          await peer.ended;
          peer.write(1, 2);
          await eventually(() => server.calls.length === 2, "it has begun");
          peer.end();
          assert.ok(await server.closed instanceof TruncatedMessageError);
        }
      }));

    it("after end() a reset is not a clean end, whether FIN was sent or not", () =>
      withRuntime(adapter, {}, async (runtime) => {
        for (const count of [4 * PIECE, TOTAL]) {
          const server = watched();
          const peer = await connectPeer(
            await serve(environment, runtime, () => server.reactor),
          );
          const ctx = await server.connected;
          peer.pause();
          ctx.sendOrQueue(pattern(0, count));
          ctx.end();
          await sleep(30);
          peer.destroy(); // with unread bytes
          assert.ok(await server.closed instanceof ConnectionResetError);
        }
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
