import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MessageResult, type SendResult } from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { serve, watched } from "./peers.ts";
import { pattern, signal, sink, withRuntime } from "./support.ts";

const LIMIT_MS = 300;
const HELD_UP_MS = LIMIT_MS + 200;

const ONE = Uint8Array.of(1);
const PIECE = 64 * 1024;
const PIECES = 256;

/**
 * A late timer proves nothing: bytes that arrived in time count, even if they
 * are read late.
 */
export function heldUpPromises(environment: Environment): void {
  const {
    adapter,
    connectAnsweringPeer,
    connectPeer,
    eventually,
    blockEventLoop,
  } = environment;
  describe(`${adapter.name}: a program that is held up for longer than its time limits`, () => {
    it("does not close a connection as idle whose peer has sent meanwhile", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const first = signal<string>();
        const server = watched({
          onInboundMessage(buf) {
            first.resolve("a message");
            return MessageResult.dropMsgSize(buf.length);
          },
          onClose: (why) => first.resolve(`closed: ${why}`),
        });
        const peer = await connectAnsweringPeer(
          await serve(environment, runtime, () => server.reactor, {
            idleTimeoutMs: LIMIT_MS,
          }),
        );
        peer.begin();
        const ctx = await server.connected;
        ctx.sendOrQueue(ONE, () => {
          blockEventLoop(HELD_UP_MS, () => peer.answeredCount > 0);
        });
        assert.equal(await first.promise, "a message");
        ctx.close();
        await peer.gone;
      }));

    it("connects to a peer that has accepted meanwhile", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const address = await serve(environment, runtime, () => sink());
        const connecting = runtime.connect(address, sink(), {
          connectTimeoutMs: LIMIT_MS,
        });
        blockEventLoop(HELD_UP_MS);
        await connecting;
      }));

    it("does not cut a close short while the peer reads", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const server = watched();
        const peer = await connectAnsweringPeer(
          await serve(environment, runtime, () => server.reactor, {
            closeTimeoutMs: LIMIT_MS,
          }),
        );
        const ctx = await server.connected;
        const results: SendResult[] = [];
        const piece = pattern(0, PIECE);
        let outCount = PIECES;
        const completion = (result: SendResult) => {
          if (results.push(result) > 1) return;
          peer.begin();
          blockEventLoop(HELD_UP_MS, () => peer.answeredCount >= PIECE);
          queueMicrotask(() => outCount = results.length);
        };
        for (let i = 0; i < PIECES; i++) {
          ctx.sendOrQueue(piece, completion);
        }
        ctx.close();
        await eventually(() => results.length > outCount, "another is told");
        assert.deepEqual(results[outCount], { ok: true });
        ctx.abort();
        await peer.gone;
      }));

    it("delivers what was sent before stop, though the grace is over", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const server = watched();
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        const results: SendResult[] = [];
        (await server.connected).sendOrQueue(
          ONE,
          (result) => results.push(result),
        );
        const stopped = runtime.stop({ graceMs: LIMIT_MS });
        blockEventLoop(HELD_UP_MS);
        await stopped;
        assert.deepEqual(results, [{ ok: true }]);
        await peer.has(1);
        peer.end();
        await peer.closed;
      }));
  });
}
