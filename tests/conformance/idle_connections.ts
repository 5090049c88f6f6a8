import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IdleTimeoutError } from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { openPair, serve, watched } from "./peers.ts";
import { sideBySide } from "./side_by_side.ts";
import { steady } from "./steady.ts";
import { pattern, sink, withRuntime } from "./support.ts";

/** How long a connection may be idle. */
export function idleConnectionPromises(surroundings: Environment): void {
  const environment = steady(surroundings);
  const { adapter, sleep } = environment;
  describe(`${adapter.name}: idle connections`, () => {
    const test = sideBySide(environment);
    test("idleTimeoutMs closes an idle connection with IdleTimeoutError, not before the time", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const begin = adapter.clock.now();
        const { server, client } = await openPair(
          environment,
          runtime,
          {},
          {},
          {
            server: { idleTimeoutMs: 150 },
          },
        );
        assert.ok((await server.closed) instanceof IdleTimeoutError);
        assert.ok(adapter.clock.now() - begin >= 150);
        assert.equal(await client.closed, undefined);
      }));

    it("idleTimeoutMs spares a connection that receives, and one that sends", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const idleTimeoutMs = 1000;
        const { server, client, clientCtx } = await openPair(
          environment,
          runtime,
          {},
          {},
          { server: { idleTimeoutMs }, client: { idleTimeoutMs } },
        );
        const end = adapter.clock.now() + idleTimeoutMs + 300;
        while (adapter.clock.now() < end) {
          clientCtx.sendOrQueue(pattern(0, 1)); // one end receives, the other sends
          await sleep(50);
        }
        assert.ok(!server.calls.includes("onClose"));
        assert.ok(!client.calls.includes("onClose"));
      }));

    test("idleTimeoutMs does not count the time while reading is paused", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const idleTimeoutMs = 400;
        const begin = adapter.clock.now();
        const { server, serverCtx } = await openPair(
          environment,
          runtime,
          {},
          {},
          {
            server: { idleTimeoutMs },
          },
        );
        serverCtx.pauseReading();
        const idleBefore = adapter.clock.now() - begin;
        await sleep(300);
        const resumed = adapter.clock.now();
        serverCtx.resumeReading(); // before the timer, which was set earlier
        assert.ok((await server.closed) instanceof IdleTimeoutError);
        const idleAfter = adapter.clock.now() - resumed;
        assert.ok(
          idleBefore + idleAfter >= idleTimeoutMs,
          `closed after ${idleBefore} and ${idleAfter} ms`,
        );

        const paused = await openPair(
          environment,
          runtime,
          {
            onConnected: (ctx) => ctx.pauseReading(),
          },
          {},
          { server: { idleTimeoutMs: 50 } },
        );
        await sleep(300);
        assert.ok(!paused.server.calls.includes("onClose"));
      }));

    test("options of a connect win over those of the runtime", () =>
      withRuntime(adapter, { idleTimeoutMs: 60_000 }, async (runtime) => {
        const client = watched();
        const address = await serve(environment, runtime, () => sink());
        await runtime.connect(address, client.reactor, { idleTimeoutMs: 50 });
        assert.ok((await client.closed) instanceof IdleTimeoutError);
      }));
  });
}
