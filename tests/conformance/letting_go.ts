import assert from "node:assert/strict";
import { describe } from "node:test";
import {
  type Reactor,
  type ReactRuntime,
  RuntimeStoppedError,
  type StopOptions,
} from "../../mod.ts";
import type { Environment, Peer } from "./environment.ts";
import { serve, watched, type WatchedReactor } from "./peers.ts";
import { sideBySide } from "./side_by_side.ts";
import { steady } from "./steady.ts";
import { type Context, pattern, withRuntime } from "./support.ts";

/**
 * Longer than a stop takes if peers do not answer, but far shorter than its
 * grace time.
 */
const SOON_MS = 5000;
const LONG = { graceMs: 60_000 };
/**
 * Longer than the time until a stop first checks connections, and between two
 * checks.
 */
const LOOK_MS = 500;
/**
 * More than a paused peer has read, but less than the systems of both ends
 * accept.
 */
const HELD = 2 ** 17;
/** How much is sent at once to a paused peer, until nothing more goes out. */
const PIECE = 2 ** 20;

/** A runtime that serves one peer, and both ends of that connection. */
interface Served {
  readonly runtime: ReactRuntime;
  readonly server: WatchedReactor<unknown>;
  readonly ctx: Context<unknown>;
  readonly peer: Peer;
}

/** Which peers a stop does not wait for. */
export function lettingGoPromises(surroundings: Environment): void {
  const environment = steady(surroundings);
  const { adapter, connectPeer, eventually, sleep } = environment;
  const { clock } = adapter;

  const serving = (
    body: (served: Served) => Promise<void>,
    handlers: Partial<Reactor> = {},
  ) =>
    withRuntime(adapter, { closeTimeoutMs: 60_000 }, async (runtime) => {
      const server = watched(handlers);
      const peer = await connectPeer(
        await serve(environment, runtime, () => server.reactor),
      );
      await body({ runtime, server, ctx: await server.connected, peer });
      peer.destroy();
    });

  const stopsSoon = async (runtime: ReactRuntime, options: StopOptions) => {
    const begin = clock.now();
    await runtime.stop(options);
    assert.ok(clock.now() - begin < SOON_MS);
  };

  describe(`${adapter.name}: stopping without an answer`, () => {
    const test = sideBySide(environment);
    test("an idle peer that does not answer FIN does not hold up the stop", () =>
      serving(async ({ runtime, server, peer }) => {
        await stopsSoon(runtime, LONG);
        await peer.ended; // not a reset
        assert.ok(await server.closed instanceof RuntimeStoppedError);
      }));

    test("nor does one that a handler closed, nor one that closes in onDrain", () =>
      serving(async ({ runtime, peer }) => {
        await stopsSoon(runtime, { ...LONG, drainMs: 60_000 });
        await peer.ended;
      }, { onDrain: (ctx) => ctx.close() }));

    test("a peer that reads later gets everything that was sent, and FIN", () =>
      serving(async ({ runtime, ctx, peer }) => {
        peer.pause();
        ctx.sendOrQueue(pattern(0, HELD));
        await eventually(() => ctx.sender.bytesQueued === 0, "all is out");
        await stopsSoon(runtime, LONG);
        peer.resume();
        await peer.has(HELD);
        await peer.ended;
      }));

    test("a peer that is slow to read is waited for, until it ends", () =>
      serving(async ({ runtime, ctx, peer }) => {
        peer.pause();
        let queued = 0;
        let sent: number;
        do { // until the systems accept no more, whenever a write is done
          sent = ctx.sender.bytesSent;
          ctx.sendOrQueue(pattern(queued, PIECE));
          queued += PIECE;
          await sleep(50);
        } while (ctx.sender.bytesSent > sent);
        const stopped = runtime.stop(LONG);
        await sleep(LOOK_MS);
        peer.resume();
        await peer.has(queued);
        await sleep(2 * LOOK_MS);
        assert.equal(runtime.connectionCount, 1);
        peer.end();
        await stopped;
        await peer.closed;
      }));

    test("a peer that is still talking is waited for, until it ends", () =>
      serving(async ({ runtime, peer }) => {
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
