import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type CommandResult,
  Deferred,
  type LogRecord,
  MessageResult,
  type ReactorID,
  ReactorNotFoundError,
  ReactRuntime,
  RuntimeStoppedError,
  type SendResult,
  setLogSink,
} from "../../mod.ts";
import { CountingAdapter } from "./counting_adapter.ts";
import type { Environment, Peer } from "./environment.ts";
import { openPair, serve, watched } from "./peers.ts";
import { overfill } from "./streams.ts";
import {
  type Context,
  echo,
  pattern,
  PatternChecker,
  signal,
  sink,
  withRuntime,
  withTwoRuntimes,
} from "./support.ts";

const MIB = 2 ** 20;

function assertStopped(result: CommandResult | SendResult | Error | undefined) {
  const error = result instanceof Error || result === undefined
    ? result
    : result.ok
    ? undefined
    : result.error;
  assert.ok(error instanceof RuntimeStoppedError, String(error));
}

/** How a runtime stops. */
export function stopPromises(environment: Environment): void {
  const { adapter, anyPort, connectPeer, eventually } = environment;
  describe(`${adapter.name}: stop`, () => {
    it("delivers what is queued within the grace", () =>
      withTwoRuntimes(adapter, async (runtime, other) => {
        const server = watched();
        const address = await serve(environment, runtime, () => server.reactor);
        const checker = new PatternChecker();
        const client = watched({
          onInboundMessage(buf) {
            checker.check(buf);
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        await other.connect(address, client.reactor);
        const sent = signal<SendResult>();
        (await server.connected).sendOrQueue(
          pattern(0, 8 * MIB),
          sent.resolve,
        );
        await runtime.stop({ graceMs: 20_000 });
        assert.deepEqual(await sent.promise, { ok: true });
        assertStopped(await server.closed);
        assert.equal(await client.closed, undefined);
        assert.equal(checker.received, 8 * MIB);
      }));

    it("is not held up by a completion that tries again for ever", async () => {
      const runtime = new ReactRuntime({ adapter });
      let tries = 0;
      let isOver = false;
      const tryAgain = (result?: CommandResult) => {
        if (isOver) return;
        if (result !== undefined) assertStopped(result);
        tries++;
        runtime.cmdSender.sendConnect(anyPort, sink(), {
          completion: tryAgain,
        });
      };
      const stopped = runtime.stop();
      tryAgain();
      await eventually(() => tries > 10, "every try is told");
      await stopped;
      isOver = true;
    });

    it("at the end of the grace aborts connections whose peers do not read, and fails what is queued", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { server, clientCtx, client } = await openPair(
          environment,
          runtime,
        );
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        clientCtx.pauseReading();
        const failed = signal<SendResult>();
        peer.pause();
        const stalled = watched();
        const other = await connectPeer(
          await serve(environment, runtime, () => stalled.reactor),
        );
        other.pause();
        overfill(await stalled.connected, failed.resolve);
        const begin = adapter.clock.now();
        await runtime.stop({ graceMs: 200 });
        assert.ok(adapter.clock.now() - begin >= 200);
        assertStopped(await failed.promise);
        assertStopped(await stalled.closed);
        assertStopped(await server.closed);
        assertStopped(await client.closed);
        assert.equal(runtime.reactorCount, 0);
        peer.destroy();
        other.destroy();
      }));

    it("ends everything exactly once: listeners, connections, half-open ones, waiting commands, connects under way", async () => {
      const counting = new CountingAdapter(adapter);
      const told: Record<string, unknown[]> = {};
      const tell = (name: string) => {
        told[name] = [];
        return (result: unknown) => void told[name].push(result);
      };
      const runtime = new ReactRuntime<string>({ adapter: counting });
      const listenerClosed = tell("onCloseListen");
      const halfOpen = signal<Context<string>>();
      const accepted: ReturnType<typeof watched<string>>[] = [];
      const listener = await runtime.listen(anyPort, {
        onNewConnection() {
          const reactor = watched<string>({
            onCommand() {},
            onPeerEnd: halfOpen.resolve,
          });
          accepted.push(reactor);
          return reactor;
        },
        onCloseListen: (reason) => listenerClosed(reason),
      });
      const address = listener.address;
      const client = watched<string>();
      const id = await runtime.connect(address, client.reactor);
      const ended = await connectPeer(address);
      ended.end();
      await halfOpen.promise;
      counting.stallConnects = true;
      const { cmdSender } = runtime;
      cmdSender.sendConnect(address, sink(), {
        completion: tell("connect under way"),
      });
      const connecting = runtime.connect(address, sink());
      await eventually(() => counting.connectCount === 3, "under way");
      for (const deferred of [Deferred.immediate, Deferred.after(3_600_000)]) {
        const { kind } = deferred;
        cmdSender.sendUserCmd(id, "x", { deferred, completion: tell(kind) });
        cmdSender.sendConnect(address, sink(), {
          deferred,
          completion: tell(`connect ${kind}`),
        });
        cmdSender.sendListen(anyPort, { onNewConnection: () => null }, {
          deferred,
          completion: tell(`listen ${kind}`),
        });
      }
      const listening = runtime.listen(anyPort, {
        onNewConnection: () => null,
      });
      const running = runtime.run();
      const stopping = runtime.stop({ graceMs: 500 });
      assert.ok(
        Object.values(told).every((results) => results.length === 0),
        "nothing is told from inside stop",
      );
      await Promise.all([
        assert.rejects(connecting, RuntimeStoppedError),
        assert.rejects(listening, RuntimeStoppedError),
        stopping,
      ]);
      await running;
      assert.equal(Object.keys(told).length, 8);
      for (const results of Object.values(told)) {
        assert.equal(results.length, 1);
        assertStopped(results[0] as CommandResult | Error);
      }
      assert.equal(accepted.length, 2);
      for (const reactor of [client, ...accepted]) {
        assertStopped(await reactor.closed);
        const { calls } = reactor;
        assert.equal(calls.indexOf("onClose"), calls.length - 1);
      }
      assert.equal(runtime.reactorCount, 0);
      assert.equal(runtime.connectionCount, 0);
      assert.equal(runtime.deferredCommandCount, 0);
      assert.equal(counting.armedTimers.size, 0);
      ended.destroy();
    });

    it("executes waiting closes, immediate or deferred, before it resolves: none is refused", async () => {
      const records: LogRecord[] = [];
      const before = setLogSink((record) => void records.push(record));
      try {
        for (const deferred of [Deferred.immediate, Deferred.after(60_000)]) {
          for (const abort of [false, true]) {
            const runtime = new ReactRuntime({ adapter });
            const { client, clientCtx, server, serverCtx } = await openPair(
              environment,
              runtime,
            );
            const listener = await runtime.listen(anyPort, {
              onNewConnection: () => null,
            });
            const results: CommandResult[] = [];
            const ids = [clientCtx.id, listener.id];
            const { cmdSender } = runtime;
            for (const id of ids) {
              cmdSender.sendClose(id, {
                abort,
                deferred,
                completion: (result) => void results.push(result),
              });
            }
            cmdSender.sendClose(serverCtx.id, { abort, deferred });
            const gone = signal<CommandResult>();
            cmdSender.sendClose(2 ** 40 as ReactorID, {
              deferred,
              completion: gone.resolve,
            });
            const stopping = runtime.stop();
            assert.equal(results.length, 0, "not from inside stop");
            await stopping;
            assert.equal(await client.closed, undefined);
            await server.closed;
            assert.deepEqual(
              results.map((result) => result.ok && result.reactorId).sort(),
              ids.sort(),
            );
            const result = await gone.promise;
            assert.ok(
              !result.ok && result.error instanceof ReactorNotFoundError,
            );
          }
        }
      } finally {
        setLogSink(before);
      }
      assert.deepEqual(records, []);
    });

    it("a close of a missing reactor that nobody awaits is not logged as a failure", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const records: LogRecord[] = [];
        const before = setLogSink((record) => void records.push(record));
        try {
          const { client, clientCtx } = await openPair(environment, runtime);
          clientCtx.abort();
          await client.closed;
          const { cmdSender } = runtime;
          cmdSender.sendClose(clientCtx.id);
          await new Promise((completion) =>
            cmdSender.sendClose(clientCtx.id, { completion })
          );
          await runtime.stop({ graceMs: 0 });
          cmdSender.sendClose(clientCtx.id);
          await runtime.run();
        } finally {
          setLogSink(before);
        }
        assert.deepEqual(records, []);
      }));

    it("a real connect under way is cancelled", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const address = await serve(environment, runtime, () => sink());
        const client = watched();
        const connecting = runtime.connect(address, client.reactor);
        const stopping = runtime.stop();
        await assert.rejects(connecting, RuntimeStoppedError);
        await stopping;
        assert.deepEqual(client.calls, []);
      }));

    it("afterwards listen, connect and every command fail with RuntimeStoppedError", () =>
      withRuntime(adapter, {}, async (runtime) => {
        await runtime.stop();
        await assert.rejects(
          runtime.listen(anyPort, { onNewConnection: () => null }),
          RuntimeStoppedError,
        );
        await assert.rejects(
          runtime.connect("127.0.0.1:1", sink()),
          RuntimeStoppedError,
        );
        const { cmdSender } = runtime;
        const deferred = Deferred.after(3_600_000);
        const results = await Promise.all([
          new Promise<CommandResult>((completion) =>
            cmdSender.sendConnect("127.0.0.1:1", sink(), { completion })
          ),
          new Promise<CommandResult>((completion) =>
            cmdSender.sendListen(anyPort, { onNewConnection: () => null }, {
              completion,
              deferred,
            })
          ),
          new Promise<CommandResult>((completion) =>
            cmdSender.sendClose(1 as ReactorID, { completion })
          ),
          new Promise<CommandResult>((completion) =>
            cmdSender.sendUserCmd(1 as ReactorID, "", { completion, deferred })
          ),
        ]);
        results.forEach(assertStopped);
        await runtime.run();
        assert.equal(await runtime.processEvents(), false);
      }));

    it("a second stop resolves, too, and may cut the grace of the first short", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const server = watched();
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        await server.connected;
        const begin = adapter.clock.now();
        const first = runtime.stop({ graceMs: 60_000 }); // the peer sends no FIN
        await peer.ended;
        await runtime.stop({ graceMs: 10 });
        await first;
        assert.ok(adapter.clock.now() - begin < 30_000);
        assertStopped(await server.closed);
        await runtime.stop();
      }));

    it("handlers may go on sending to the end: what they ask for then is refused, not lost", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const results: CommandResult[] = [];
        const { client } = await openPair<string>(environment, runtime, {}, {
          onClose(_reason, ctx) {
            const completion = (result: CommandResult) =>
              void results.push(result);
            ctx.cmdSender.sendConnect("127.0.0.1:1", sink(), { completion });
            ctx.cmdSender.sendUserCmd(ctx.id, "", { completion });
          },
        });
        await runtime.stop();
        assertStopped(await client.closed);
        assert.equal(results.length, 2);
        results.forEach(assertStopped);
      }));

    it("`await using` stops the runtime at the end of its scope", async () => {
      const server = watched();
      let peer: Peer;
      {
        const runtime = new ReactRuntime({ adapter });
        const address = await serve(environment, runtime, () => server.reactor);
        peer = await connectPeer(address);
        await server.connected;
        void peer.ended.then(() => peer.end());
        await runtime[Symbol.asyncDispose]();
      }
      assertStopped(await server.closed);
      await peer.closed;
    });

    it("run({ signal }) stops when the signal is aborted, even if it was before", async () => {
      for (const isEarly of [false, true]) {
        const runtime = new ReactRuntime({ adapter });
        const { client } = await openPair(environment, runtime);
        const controller = new AbortController();
        if (isEarly) controller.abort();
        const running = runtime.run({ signal: controller.signal });
        controller.abort();
        await running;
        assertStopped(await client.closed);
        await assert.rejects(
          runtime.connect("127.0.0.1:1", sink()),
          RuntimeStoppedError,
        );
      }
    });

    it("run without a signal serves until nothing is left, and can be called again", () =>
      withRuntime(adapter, {}, async (runtime) => {
        await runtime.run(); // returns at once
        for (let round = 0; round < 2; round++) {
          const listener = await runtime.listen(anyPort, {
            onNewConnection: () => ({ reactor: echo() }),
          });
          const client = watched({
            onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(1)),
            onInboundMessage(_buf, ctx) {
              ctx.close();
              ctx.cmdSender.sendClose(listener);
              return MessageResult.dropMsgSize(1);
            },
          });
          const address = listener.address;
          runtime.cmdSender.sendConnect(address, client.reactor);
          await runtime.run();
          assert.equal(runtime.reactorCount, 0);
          assert.equal(client.calls.at(-1), "onClose");
        }
      }));
  });
}
