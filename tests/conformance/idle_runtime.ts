import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ConnectionHandle, Deferred, type ReactorID } from "../../mod.ts";
import { withCounting } from "./counting_adapter.ts";
import type { Environment } from "./environment.ts";
import { openPair, serve, watched } from "./peers.ts";
import { echo, sink } from "./support.ts";

const ONE = Uint8Array.of(1);

/** An idle runtime causes no work. */
export function idleRuntimePromises(environment: Environment): void {
  const { adapter, anyPort, connectPeer, eventually, sleep } = environment;
  describe(`${adapter.name}: an idle runtime`, () => {
    it("never wakes, with listeners and connections open", () =>
      withCounting(environment, async (runtime, counting) => {
        const address = await serve<string>(environment, runtime, () => echo());
        const ids: ConnectionHandle[] = [];
        for (let i = 0; i < 5; i++) {
          ids.push(await runtime.connect(address, sink()));
        }
        await eventually(() => runtime.connectionCount === 10, "accepted");
        const running = runtime.run();
        await sleep(20);
        assert.equal(counting.armedTimers.size, 0, "connect limits are gone");
        const { timerCount: countTimers, turnCount: countTurns } = counting;
        await sleep(300);
        assert.equal(counting.timerCount, countTimers);
        assert.equal(counting.turnCount, countTurns);
        await runtime.stop();
        await running;
        assert.equal(counting.armedTimers.size, 0);
      }));

    it("keeps one timer for all deferred commands, and none when they are cancelled", () =>
      withCounting(environment, async (runtime, counting) => {
        const { cmdSender } = runtime;
        const ids = Array.from(
          { length: 100 },
          (_, i) =>
            cmdSender.sendUserCmd(1 as ReactorID, "never", {
              deferred: Deferred.after(3_600_000 - i),
              completion() {},
            }),
        );
        await sleep(20);
        assert.equal(counting.armedTimers.size, 1);
        for (const id of ids) assert.equal(cmdSender.cancel(id), true);
        await eventually(() => counting.armedTimers.size === 0, "disarmed");
      }));

    it("wakes for a connection's time limits only as often as they require", () =>
      withCounting(environment, async (runtime, counting) => {
        const { serverCtx } = await openPair<string>(
          environment,
          runtime,
          echo(),
          {},
          {
            server: { idleTimeoutMs: 3_600_000 },
          },
        );
        await sleep(20);
        const { timerCount: countTimers } = counting;
        for (let i = 0; i < 50; i++) {
          serverCtx.sendOrQueue(ONE);
          await sleep(1);
        }
        assert.equal(counting.timerCount, countTimers);
        serverCtx.abort();
        await eventually(() => counting.armedTimers.size === 0, "disarmed");
      }));

    it("leaves nothing that keeps the process alive once everything is closed", () =>
      withCounting(environment, async (runtime, counting) => {
        const server = watched<string>({ ...echo() });
        const listener = await runtime.listen(anyPort, {
          onNewConnection: () => ({
            reactor: server.reactor,
            idleTimeoutMs: 60_000,
          }),
        });
        const peer = await connectPeer(listener.address);
        peer.write(1);
        await peer.has(1);
        peer.end();
        await peer.closed;
        await server.closed;
        runtime.cmdSender.sendClose(listener);
        await runtime.run();
        await eventually(() => counting.armedTimers.size === 0, "disarmed");
      }));
  });
}
