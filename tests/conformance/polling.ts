import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CloseTimeoutError,
  type CommandResult,
  ConnectTimeoutError,
  Deferred,
  IdleTimeoutError,
  type OpenResult,
  type ReactorID,
  type ReactRuntime,
  RuntimeBusyError,
} from "../../mod.ts";
import { CountingAdapter } from "./counting_adapter.ts";
import type { Environment } from "./environment.ts";
import { openPair, serve, watched } from "./peers.ts";
import { overfill } from "./streams.ts";
import { echo, signal, sink, withRuntime } from "./support.ts";

const NOBODY = 1 as ReactorID;

/** Calls processEvents until `condition` holds. */
async function poll<UserCommand>(
  runtime: ReactRuntime<UserCommand>,
  condition: () => boolean,
  what: string,
): Promise<void> {
  const end = runtime.adapter.clock.now() + 10_000;
  while (!condition()) {
    assert.ok(runtime.adapter.clock.now() < end, `not in time: ${what}`);
    await runtime.processEvents({ timeoutMs: 5 });
  }
}

/** How a program drives a runtime itself. */
export function pollingPromises(environment: Environment): void {
  const { adapter, anyPort, connectPeer, eventually, sleep } = environment;
  describe(`${adapter.name}: processEvents`, () => {
    it("executes at most maxCommands queued commands per call, 32 by default, and none between calls", () =>
      withRuntime<number>(adapter, {}, async (runtime) => {
        const seen: number[] = [];
        const { serverCtx } = await openPair<number>(environment, runtime, {
          onCommand: (cmd) => void seen.push(cmd),
        });
        await runtime.processEvents({ timeoutMs: 0 });
        for (let i = 0; i < 100; i++) {
          runtime.cmdSender.sendUserCmd(serverCtx.id, i);
        }
        await sleep(20);
        assert.equal(seen.length, 0);
        await runtime.processEvents({ maxCommands: 1 });
        assert.equal(seen.length, 1);
        await runtime.processEvents({ maxCommands: 10 });
        assert.equal(seen.length, 11);
        await sleep(20);
        assert.equal(seen.length, 11);
        await runtime.processEvents();
        assert.equal(seen.length, 43);
        await runtime.processEvents({ maxCommands: 1000 });
        assert.equal(seen.length, 100);
        assert.ok(seen.every((cmd, i) => cmd === i));
      }));

    it("resolves to true while anything is left, then to false, at once", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const begin = adapter.clock.now();
        assert.equal(await runtime.processEvents({ timeoutMs: 60_000 }), false);
        const results: CommandResult[] = [];
        const { cmdSender } = runtime;
        const completion = (result: CommandResult) => results.push(result);
        for (let i = 0; i < 3; i++) {
          cmdSender.sendUserCmd(NOBODY, "", { completion });
        }
        const one = { maxCommands: 1, timeoutMs: 60_000 };
        assert.equal(await runtime.processEvents(one), true);
        assert.equal(await runtime.processEvents(one), true);
        assert.equal(await runtime.processEvents(one), false);
        assert.equal(results.length, 3);

        cmdSender.sendUserCmd(NOBODY, "", {
          completion,
          deferred: Deferred.after(20),
        });
        assert.equal(await runtime.processEvents({ timeoutMs: 0 }), true);
        while (await runtime.processEvents({ timeoutMs: 60_000 }));
        assert.equal(results.length, 4);

        const listening = runtime.listen(anyPort, {
          onNewConnection: () => null,
        });
        assert.equal(await runtime.processEvents({ timeoutMs: 0 }), true);
        const id = await listening;
        assert.equal(await runtime.processEvents({ timeoutMs: 0 }), true);
        cmdSender.sendClose(id);
        while (await runtime.processEvents({ timeoutMs: 60_000 }));
        assert.equal(runtime.reactorCount, 0);
        assert.ok(adapter.clock.now() - begin < 30_000, "it wakes at the end");
      }));

    it("waits for timeoutMs if nothing happens", () =>
      withRuntime(adapter, {}, async (runtime) => {
        await serve(environment, runtime, () => sink());
        await runtime.processEvents({ timeoutMs: 0 });
        await sleep(20); // a turn may be pending
        const begin = adapter.clock.now();
        assert.equal(await runtime.processEvents({ timeoutMs: 100 }), true);
        const waited = adapter.clock.now() - begin;
        assert.ok(waited >= 99, `${waited} ms`);
        assert.ok(waited < 5_000, `${waited} ms`);
      }));

    it("wakes at once for a command, a socket event, a deferred command", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const seen: string[] = [];
        const { serverCtx } = await openPair<string>(environment, runtime, {
          onCommand: (cmd) => void seen.push(cmd),
        });
        const address = await serve<string>(environment, runtime, () => echo());
        const peer = await connectPeer(address);
        while (runtime.connectionCount < 3) await runtime.processEvents();
        const begin = adapter.clock.now();
        const long = { timeoutMs: 60_000 };

        let waiting = runtime.processEvents(long);
        runtime.cmdSender.sendUserCmd(serverCtx.id, "while it waits");
        await waiting;
        assert.deepEqual(seen, ["while it waits"]);

        waiting = runtime.processEvents(long);
        peer.write(1);
        await waiting;
        await peer.has(1);

        runtime.cmdSender.sendUserCmd(serverCtx.id, "in time", {
          deferred: Deferred.after(30),
        });
        while (seen.length < 2) await runtime.processEvents(long);
        assert.deepEqual(seen, ["while it waits", "in time"]);
        assert.ok(adapter.clock.now() - begin < 30_000);
      }));

    it("sockets are served while it is called back to back, and between calls", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        let count = 0;
        const { serverCtx } = await openPair<string>(environment, runtime, {
          onCommand(_cmd, ctx) {
            count++;
            ctx.cmdSender.sendUserCmd(ctx.id, "again", {
              completion() {}, // the last one fails
            });
          },
        });
        const peer = await connectPeer(
          await serve<string>(environment, runtime, () => echo()),
        );
        runtime.cmdSender.sendUserCmd(serverCtx.id, "begin");
        for (let round = 1; round <= 5; round++) {
          peer.write(round);
          await poll(runtime, () => peer.received >= round, "the echo");
        }
        assert.ok(count > 5);
        await runtime.processEvents({ timeoutMs: 0 });
        const before = count;
        peer.write(6);
        await peer.has(6); // nobody calls processEvents
        assert.equal(count, before);
        serverCtx.abort();
      }));

    it("idle, close and connect time limits are kept", () =>
      withRuntime(new CountingAdapter(adapter), {}, async (runtime) => {
        const counting = runtime.adapter as CountingAdapter;
        const idle = await openPair(environment, runtime, {}, {}, {
          server: { idleTimeoutMs: 100 },
        });
        const stuck = await openPair(environment, runtime, {}, {}, {
          server: { closeTimeoutMs: 100 },
        });
        counting.stallConnects = true;
        const connecting = signal<unknown>();
        runtime.connect("127.0.0.1:1", sink(), { connectTimeoutMs: 100 })
          .catch(connecting.resolve);
        await runtime.processEvents({ timeoutMs: 0 });
        stuck.clientCtx.pauseReading();
        overfill(stuck.serverCtx);
        stuck.serverCtx.close();
        const reasons: unknown[] = [];
        for (
          const promise of [
            idle.server.closed,
            stuck.server.closed,
            connecting.promise,
          ]
        ) void promise.then((reason) => reasons.push(reason));
        await sleep(200);
        assert.equal(reasons.length, 0, "they wait for the next call");
        await poll(runtime, () => reasons.length === 3, "all limits");
        assert.ok((await idle.server.closed) instanceof IdleTimeoutError);
        assert.ok((await stuck.server.closed) instanceof CloseTimeoutError);
        assert.ok((await connecting.promise) instanceof ConnectTimeoutError);
      }));

    it("a second driver is refused with RuntimeBusyError, and the first goes on", () =>
      withRuntime(adapter, {}, async (runtime) => {
        await serve(environment, runtime, () => sink());
        const polling = runtime.processEvents({ timeoutMs: 50 });
        await assert.rejects(runtime.processEvents(), RuntimeBusyError);
        await assert.rejects(runtime.run(), RuntimeBusyError);
        assert.equal(await polling, true);
        const running = runtime.run();
        await assert.rejects(runtime.run(), RuntimeBusyError);
        await assert.rejects(runtime.processEvents(), RuntimeBusyError);
        await runtime.stop();
        await running;
        assert.equal(await runtime.processEvents(), false);
      }));

    it("run after processEvents drives the runtime by itself again", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const seen: string[] = [];
        const { serverCtx } = await openPair<string>(environment, runtime, {
          onCommand: (cmd) => void seen.push(cmd),
        });
        await runtime.processEvents({ timeoutMs: 0 });
        runtime.cmdSender.sendUserCmd(serverCtx.id, "queued");
        runtime.cmdSender.sendUserCmd(serverCtx.id, "deferred", {
          deferred: Deferred.after(20),
        });
        await sleep(50);
        assert.deepEqual(seen, []);
        const running = runtime.run();
        await eventually(() => seen.length === 2, "both");
        await runtime.stop();
        await running;
      }));

    it("the counts are of what is open and what was done", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        assert.deepEqual(countsOf(runtime), [0, 0, 0, 0]);
        assert.equal(runtime.socketEventCount, 0);
        const { serverCtx } = await openPair<string>(environment, runtime, {
          onCommand() {},
        });
        assert.deepEqual(countsOf(runtime), [3, 2, 0, 0]);
        const events = runtime.socketEventCount;
        assert.ok(events >= 2, "an accept and a connect");
        await runtime.processEvents({ timeoutMs: 0 });
        const { cmdSender } = runtime;
        const ids = [1, 2, 3].map((i) =>
          cmdSender.sendUserCmd(serverCtx.id, "", {
            deferred: Deferred.after(3_600_000 * i),
            completion() {},
          })
        );
        cmdSender.sendUserCmd(serverCtx.id, "");
        cmdSender.sendUserCmd(serverCtx.id, "");
        assert.deepEqual(countsOf(runtime), [3, 2, 3, 0]);
        await runtime.processEvents({ maxCommands: 1 });
        assert.deepEqual(countsOf(runtime), [3, 2, 3, 1]);
        cmdSender.cancel(ids[1]);
        assert.equal(runtime.deferredCommandCount, 2);
        await runtime.processEvents({ maxCommands: 10 });
        assert.deepEqual(countsOf(runtime), [3, 2, 2, 2]);
        serverCtx.close();
        await poll(runtime, () => runtime.connectionCount === 0, "closed");
        assert.deepEqual(countsOf(runtime), [1, 0, 2, 2]);
        assert.ok(runtime.socketEventCount > events);
      }));

    it("closing, stopping and completions work when nothing but processEvents drives", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        await runtime.processEvents();
        const results: OpenResult[] = [];
        let isClosed = false;
        const server = watched<string>();
        const handler = {
          onNewConnection: () => ({ reactor: server.reactor }),
        };
        runtime.cmdSender.sendListen(anyPort, handler, {
          completion: (result) => results.push(result),
        });
        await poll(runtime, () => results.length === 1, "listening");
        const [listening] = results;
        assert.ok(listening.ok);
        const client = watched<string>();
        runtime.cmdSender.sendConnect(
          listening.localAddress,
          client.reactor,
          { completion: (result) => results.push(result) },
        );
        await poll(runtime, () => results.length === 2, "connected");
        const [, connected] = results;
        assert.ok(connected.ok);
        runtime.cmdSender.sendClose(connected.reactorId, {
          completion: ({ ok }) => isClosed = ok,
        });
        await poll(runtime, () => isClosed, "closed");
        assert.equal(client.calls.at(-1), "onClose");
        const begin = adapter.clock.now();
        const polling = (async () => {
          while (await runtime.processEvents({ timeoutMs: 60_000 }));
        })();
        await runtime.stop();
        await polling;
        assert.ok(adapter.clock.now() - begin < 30_000, "stop wakes it");
        assert.equal(await runtime.processEvents(), false);
      }));
  });
}

function countsOf<UserCommand>(runtime: ReactRuntime<UserCommand>): number[] {
  return [
    runtime.reactorCount,
    runtime.connectionCount,
    runtime.deferredCommandCount,
    runtime.executedCommandCount,
  ];
}
