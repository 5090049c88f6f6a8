import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RuntimeStoppedError } from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { serve, watched } from "./peers.ts";
import { pattern, withRuntime } from "./support.ts";

/** Longer than a stop takes whose peers do not answer, and far shorter than its grace. */
const SOON_MS = 5000;
const LONG = { graceMs: 60_000 };
/** Longer than a stop waits until it looks at connections first, and than from one look to the next. */
const LOOK_MS = 500;
/** More than a peer has read that is paused, less than the systems of both ends take. */
const HELD = 2 ** 17;

/** Whom a stop does not wait for. */
export function lettingGoPromises(environment: Environment): void {
  const { adapter, connectPeer, eventually, sleep } = environment;
  const { clock } = adapter;
  describe(`${adapter.name}: stopping without an answer`, () => {
    const options = { closeTimeoutMs: 60_000 };

    it("an idle peer that does not answer FIN does not hold up the stop", () =>
      withRuntime(adapter, options, async (runtime) => {
        const server = watched();
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        await server.connected;
        const begin = clock.now();
        await runtime.stop(LONG);
        assert.ok(clock.now() - begin < SOON_MS);
        await peer.ended; // and not a reset
        assert.ok(await server.closed instanceof RuntimeStoppedError);
        peer.destroy();
      }));

    it("nor does one that a handler closed, nor when it drains", () =>
      withRuntime(adapter, options, async (runtime) => {
        const server = watched({ onDrain: (ctx) => ctx.close() });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        await server.connected;
        const begin = clock.now();
        await runtime.stop({ ...LONG, drainMs: 60_000 });
        assert.ok(clock.now() - begin < SOON_MS);
        await peer.ended;
        peer.destroy();
      }));

    it("who reads later finds all that was sent, and FIN", () =>
      withRuntime(adapter, options, async (runtime) => {
        const server = watched();
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        const ctx = await server.connected;
        peer.pause();
        ctx.sendOrQueue(pattern(0, HELD));
        await eventually(() => ctx.sender.bytesQueued === 0, "all is out");
        const begin = clock.now();
        await runtime.stop(LONG);
        assert.ok(clock.now() - begin < SOON_MS);
        peer.resume();
        await peer.has(HELD);
        await peer.ended;
        peer.destroy();
      }));

    it("a peer that is slow to read is waited for, until it ends", () =>
      withRuntime(adapter, options, async (runtime) => {
        const server = watched();
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        const ctx = await server.connected;
        peer.pause();
        let sent = 0;
        while (ctx.sender.bytesQueued === 0) {
          ctx.sendOrQueue(pattern(sent, HELD));
          sent += HELD;
          await sleep(1);
        }
        const stopped = runtime.stop(LONG);
        await sleep(LOOK_MS);
        peer.resume();
        await peer.has(sent);
        await sleep(2 * LOOK_MS);
        assert.equal(runtime.connectionCount, 1);
        peer.end();
        await stopped;
        await peer.closed;
      }));

    it("a peer that is still talking is waited for, until it ends", () =>
      withRuntime(adapter, options, async (runtime) => {
        const server = watched();
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        await server.connected;
        const begin = clock.now();
        const stopped = runtime.stop(LONG);
        for (let i = 0; i < 12; i++) {
          await sleep(100);
          peer.write(i);
        }
        assert.equal(runtime.connectionCount, 1);
        peer.end();
        await stopped;
        assert.ok(clock.now() - begin >= 1000);
        await peer.closed;
      }));
  });
}
