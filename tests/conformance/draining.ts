import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type CommandResult,
  ConnectionRefusedError,
  Deferred,
  DrainTimeoutError,
  MessageResult,
  type Reactor,
  type ReactRuntime,
  RuntimeStoppedError,
} from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { openPair, serve, watched, type WatchedReactor } from "./peers.ts";
import {
  type Context,
  logging,
  PeerLines,
  signal,
  sink,
  withRuntime,
  withTwoRuntimes,
} from "./support.ts";

/** Longer than any test takes. */
const LONG_MS = 60_000;

/**
 * A reactor that answers each byte with the next higher one once `release` is
 * called. When drained, it closes as soon as it owes no answer.
 */
function promising(): WatchedReactor<string> & { release(): void } {
  const released = signal();
  let owedCount = 0;
  let isDraining = false;
  const closeIfDone = (ctx: Context<string>) => {
    if (isDraining && owedCount === 0) ctx.close();
  };
  const answer = async (byte: number, ctx: Context<string>) => {
    await released.promise;
    ctx.sendOrQueue(Uint8Array.of(byte + 1));
    owedCount--;
    closeIfDone(ctx);
  };
  return {
    ...watched<string>({
      onInboundMessage(buf, ctx) {
        owedCount++;
        void answer(buf[0], ctx);
        return MessageResult.dropMsgSize(1);
      },
      onDrain(ctx) {
        isDraining = true;
        closeIfDone(ctx);
      },
    }),
    release: () => released.resolve(),
  };
}

/** Resolves to whatever `promise` rejects with. */
function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail("it does not reject"),
    (error) => error,
  );
}

/** How work in progress is finished before a runtime stops. */
export function drainPromises(environment: Environment): void {
  const {
    adapter,
    anyPort,
    blockEventLoop,
    connectPeer,
    eventually,
    sleep,
  } = environment;
  const run = (body: (runtime: ReactRuntime<string>) => Promise<void>) =>
    withRuntime<string>(adapter, {}, body);

  /** Resolves when `onDrain` of the reactor was called. */
  const isTold = ({ calls }: WatchedReactor<string>) =>
    eventually(() => calls.includes("onDrain"), "onDrain is called");

  /**
   * Opens a peer whose byte has arrived at a reactor that is not to answer it
   * yet.
   */
  async function openPromise(runtime: ReactRuntime<string>, count = 1) {
    const server = promising();
    const address = await serve(environment, runtime, () => server.reactor);
    const peer = await connectPeer(address);
    for (let i = 0; i < count; i++) peer.write(i);
    const isAsked = () =>
      server.calls.filter((name) => name === "onInboundMessage").length ===
        count;
    await eventually(isAsked, "it is asked");
    void peer.ended.then(() => peer.end());
    return { server, address, peer };
  }

  describe(`${adapter.name}: draining`, () => {
    it("waits for answers that come from promises; the connection then ends cleanly", () =>
      run(async (runtime) => {
        const { server, peer } = await openPromise(runtime, 3);
        const stopping = runtime.stop();
        assert.ok(!server.calls.includes("onDrain"), "not from inside stop");
        await isTold(server);
        assert.equal(peer.received, 0);
        server.release();
        await peer.ended;
        await stopping;
        assert.deepEqual(peer.chunks.flatMap((chunk) => [...chunk]), [1, 2, 3]);
        assert.equal(await server.closed, undefined);
        const calls = server.calls.filter((name) => name === "onDrain");
        assert.equal(calls.length, 1, "told once");
      }));

    it("closes at once whoever has no onDrain, and whoever has nothing under way", () =>
      run(async (runtime) => {
        const { server } = await openPromise(runtime);
        const plain = watched<string>();
        const idle = promising();
        for (const { reactor } of [plain, idle]) {
          const address = await serve(environment, runtime, () => reactor);
          const peer = await connectPeer(address);
          void peer.ended.then(() => peer.end());
        }
        await Promise.all([plain.connected, idle.connected]);
        const stopping = runtime.stop({ drainMs: LONG_MS });
        assert.ok(await plain.closed instanceof RuntimeStoppedError);
        assert.equal(await idle.closed, undefined);
        assert.equal(runtime.connectionCount, 1);
        server.release();
        await stopping;
      }));

    it("counts messages that have come in and were not handed out yet as under way", () =>
      run(async (runtime) => {
        const server = promising();
        server.release();
        const peer = await environment.connectAnsweringPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        peer.begin();
        (await server.connected).sendOrQueue(Uint8Array.of(1), () => {
          blockEventLoop(20, () => peer.answeredCount > 0);
          void runtime.stop({ drainMs: LONG_MS });
        });
        await server.closed;
        const { calls } = server;
        assert.ok(
          calls.indexOf("onInboundMessage") > 0 &&
            calls.indexOf("onInboundMessage") < calls.indexOf("onDrain"),
          calls.join(),
        );
        await peer.gone;
      }));

    it("is skipped if no reactor has onDrain: waiting commands are refused", () =>
      run(async (runtime) => {
        const { client, clientCtx } = await openPair<string>(
          environment,
          runtime,
        );
        const completed = signal<CommandResult>();
        runtime.cmdSender.sendUserCmd(clientCtx.id, "x", {
          completion: completed.resolve,
        });
        await runtime.stop({ drainMs: LONG_MS });
        const result = await completed.promise;
        assert.ok(!result.ok && result.error instanceof RuntimeStoppedError);
        assert.ok(await client.closed instanceof RuntimeStoppedError);
      }));

    it("begins with the listeners: their addresses are released, and no new listener starts", () =>
      withTwoRuntimes(adapter, async (runtime, other) => {
        const server = promising();
        const closed = signal<Error | undefined>();
        const listener = await runtime.listen(anyPort, {
          onNewConnection: () => server as { reactor: Reactor<never> },
          onCloseListen: closed.resolve,
        });
        const peer = await connectPeer(listener.address);
        peer.write(1);
        void peer.ended.then(() => peer.end());
        await server.connected;
        await eventually(
          () => server.calls.includes("onInboundMessage"),
          "it is asked",
        );
        const stopping = runtime.stop({ drainMs: LONG_MS });
        const handler = { onNewConnection: () => null };
        const refused = await rejection(runtime.listen(anyPort, handler));
        assert.ok(refused instanceof RuntimeStoppedError);
        assert.ok(await closed.promise instanceof RuntimeStoppedError);
        const noOne = await rejection(other.connect(listener.address, sink()));
        assert.ok(noOne instanceof ConnectionRefusedError);
        server.release();
        await stopping;
        await peer.ended;
        assert.deepEqual(peer.chunks.flatMap((chunk) => [...chunk]), [2]);
      }));

    it("executes commands, and lets connects under way finish", () =>
      withTwoRuntimes(adapter, async (back, runtime) => {
        const behind = watched();
        const address = await serve(environment, back, () => behind.reactor);
        const gateway = watched<string>({
          async onCommand(_cmd, ctx) {
            const upstream = await runtime.connect(address, sink());
            ctx.sendOrQueue(Uint8Array.of(7));
            ctx.close();
            await upstream.close();
          },
          onDrain(ctx) {
            ctx.cmdSender.sendUserCmd(ctx.id, "now");
            ctx.cmdSender.sendUserCmd(ctx.id, "never", {
              deferred: Deferred.after(LONG_MS),
            });
          },
        });
        const peer = await connectPeer(
          await serve(environment, runtime as never, () => gateway.reactor),
        );
        void peer.ended.then(() => peer.end());
        await gateway.connected;
        await logging(() => {}, () => runtime.stop({ drainMs: LONG_MS }));
        await peer.ended;
        assert.deepEqual(peer.chunks.flatMap((chunk) => [...chunk]), [7]);
        assert.ok(behind.calls.includes("onConnected"));
      }));

    it("reaches outgoing connections when the accepted ones are closed; then nothing connects any more", () =>
      withTwoRuntimes(adapter, async (back, runtime) => {
        const order: string[] = [];
        const address = await serve(environment, back, () => sink());
        const refused = signal<unknown>();
        const client = watched({
          async onDrain(ctx) {
            order.push("client");
            refused.resolve(
              await rejection(runtime.connect(address, sink())),
            );
            ctx.close();
          },
          onClose: () => void order.push("client closed"),
        });
        await runtime.connect(address, client.reactor);
        const server = watched({
          onDrain(ctx) {
            order.push("server");
            void sleep(5).then(() => {
              order.push("server done");
              ctx.close();
            });
          },
        });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        void peer.ended.then(() => peer.end());
        await server.connected;
        await runtime.stop({ drainMs: LONG_MS });
        assert.deepEqual(order, [
          "server",
          "server done",
          "client",
          "client closed",
        ]);
        assert.ok(await refused.promise instanceof RuntimeStoppedError);
      }));

    it("ends after drainMs: what is open is closed gracefully with DrainTimeoutError, and that is logged", () =>
      run(async (runtime) => {
        const { server, peer } = await openPromise(runtime);
        const log = new PeerLines();
        const begin = adapter.clock.now();
        (await server.connected).sendOrQueue(Uint8Array.of(9));
        await logging(log.sink, () => runtime.stop({ drainMs: 30 }));
        assert.ok(adapter.clock.now() - begin >= 29);
        assert.ok(await server.closed instanceof DrainTimeoutError);
        await peer.ended;
        assert.deepEqual(peer.chunks.flatMap((chunk) => [...chunk]), [9]);
        const lines = log.lines.map(({ parts }) => String(parts[0]));
        assert.equal(lines.length, 1);
        assert.match(lines[0], /1 connection is closed .* drainMs is over/);
        server.release();
      }));

    it("is skipped with a drainMs of 0, which a graceMs of 0 implies", () =>
      logging(
        () => {},
        async () => {
          for (const options of [{ drainMs: 0 }, { graceMs: 0 }]) {
            await run(async (runtime) => {
              const { server } = await openPromise(runtime);
              await runtime.stop(options);
              assert.ok(!server.calls.includes("onDrain"));
              assert.ok(await server.closed instanceof RuntimeStoppedError);
              server.release();
            });
          }
        },
      ));

    it("is cut short by another stop, and extended by one", () =>
      logging(
        () => {},
        async () => {
          await run(async (runtime) => {
            const { server } = await openPromise(runtime);
            const stopping = runtime.stop({ drainMs: LONG_MS });
            await isTold(server);
            await runtime.stop({ drainMs: 0 });
            await stopping;
            assert.ok(await server.closed instanceof DrainTimeoutError);
            server.release();
          });
          await run(async (runtime) => {
            const { server } = await openPromise(runtime);
            const stopping = runtime.stop({ drainMs: 20 });
            void runtime.stop({ drainMs: LONG_MS });
            await Promise.race([
              sleep(60),
              stopping.then(() => assert.fail("it is over")),
            ]);
            server.release();
            await stopping;
            assert.equal(await server.closed, undefined);
          });
        },
      ));

    it("an onDrain that throws or rejects closes its own connection only", () =>
      run(async (runtime) => {
        const error = new Error("I cannot");
        const { server: other } = await openPromise(runtime);
        const faulty = [
          watched<string>({
            onDrain() {
              throw error;
            },
          }),
          watched<string>({
            onDrain: () => Promise.reject(error) as never,
          }),
        ];
        for (const { reactor, connected } of faulty) {
          const peer = await connectPeer(
            await serve(environment, runtime, () => reactor),
          );
          void peer.ended.then(() => peer.end());
          await connected;
        }
        await logging(() => {}, async () => {
          const stopping = runtime.stop({ drainMs: LONG_MS });
          for (const { closed } of faulty) assert.equal(await closed, error);
          assert.equal(runtime.connectionCount, 1);
          other.release();
          await stopping;
        });
        assert.equal(await other.closed, undefined);
      }));

    it("keeps run() and processEvents() busy until the end", () =>
      run(async (runtime) => {
        const { server } = await openPromise(runtime);
        const running = runtime.run();
        let isOver = false;
        void running.then(() => isOver = true);
        const stopping = runtime.stop({ drainMs: LONG_MS });
        await sleep(5);
        assert.equal(isOver, false);
        server.release();
        await stopping;
        await running;
        assert.equal(await runtime.processEvents(), false);
      }));

    it("a peer that is lost meanwhile delays nothing", () =>
      run(async (runtime) => {
        const { server, peer } = await openPromise(runtime);
        const stopping = runtime.stop({ drainMs: LONG_MS });
        await isTold(server);
        peer.destroy();
        await stopping;
        server.release();
        await server.closed;
      }));
  });
}
