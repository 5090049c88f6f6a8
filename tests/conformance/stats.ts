import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ConnectionClosedError,
  type ConnectionStats,
  DefaultTcpListenerHandler,
  Deferred,
  keepConnected,
  type KeptConnection,
  lines,
  MessageResult,
  quantile,
  ReactioError,
  type Reactor,
  RequestCancelledError,
  RequestClient,
  RequestQueueFullError,
  type RequestStats,
  type RuntimeStats,
  serve as serveRequests,
  type ServedPeer,
} from "../../mod.ts";
import type { Environment, Peer } from "./environment.ts";
import { dropOne, openPair, serve, watched } from "./peers.ts";
import {
  echo,
  pattern,
  quietly,
  signal,
  sink,
  withRuntime,
} from "./support.ts";

const KiB = 1024;

/** The size of messages. Each is answered with its first 4 bytes. */
const SIZE = 10;
const ANSWER = 4;
const answering: Partial<Reactor> = {
  onInboundMessage(buf, ctx) {
    if (buf.length < SIZE) return MessageResult.expectMsgSize(SIZE);
    ctx.sendSlice(buf, 0, ANSWER);
    return MessageResult.dropMsgSize(SIZE);
  },
};

const IDLE = {
  bytesQueued: 0,
  pauses: 0,
  pausedMs: 0,
  paused: 0,
};

/** Fails unless `stats` is plain data that survives cloning and JSON. */
function isPlain(stats: object): void {
  assert.deepEqual(structuredClone(stats), stats);
  assert.deepEqual(JSON.parse(JSON.stringify(stats)), stats);
}

/** Checks that as many connections were opened as are open or closed. */
function balance({ accepted, connects, open, closed }: RuntimeStats): void {
  const closedCount = Object.values(closed).reduce((sum, n) => sum + n, 0);
  assert.equal(accepted + connects.opened, open + closedCount);
}

/** The traffic counters match what a peer has sent and received. */
export function trafficCountPromises(environment: Environment): void {
  const { adapter, connectPeer, eventually } = environment;

  describe(`${adapter.name}: counts of traffic`, () => {
    it("are the bytes and messages that a peer has sent and received, of the connection, its listener and its runtime, even once it is closed", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const server = watched(answering);
        const listener = await runtime.listen(
          environment.anyPort,
          new DefaultTcpListenerHandler(() => server.reactor),
        );
        const peer = await connectPeer(listener.address);
        const ctx = await server.connected;
        const count = 1000;
        const bytes = pattern(0, count * SIZE);
        for (let at = 0; at < bytes.length; at += 333) {
          peer.send(bytes.subarray(at, at + 333));
        }
        await peer.has(count * ANSWER);
        const expected = {
          bytesIn: bytes.length,
          bytesOut: peer.received,
          messagesIn: count,
          messagesOut: count,
          ...IDLE,
        };
        const check = (stats: ConnectionStats | RuntimeStats) => {
          const { bytesQueuedPeak, ...rest } = stats;
          for (const [name, value] of Object.entries(expected)) {
            assert.equal(rest[name as keyof typeof rest], value, name);
          }
          assert.ok(bytesQueuedPeak > 0 && bytesQueuedPeak <= peer.received);
        };
        await eventually(
          () => ctx.stats().bytesOut === peer.received,
          "what the peer has got is counted",
        );
        check(ctx.stats());
        check(runtime.stats());
        assert.equal(listener.stats().bytesIn, bytes.length);
        assert.equal(listener.stats().messagesOut, count);
        assert.deepEqual(listener.stats().closed, {});
        peer.end();
        await server.closed;
        check(ctx.stats());
        check(runtime.stats());
        assert.deepEqual(listener.stats().closed, { ok: 1 });
        assert.equal(listener.stats().bytesOut, peer.received);
        assert.equal(ctx.stats().openMs, ctx.stats().openMs);
      }));

    it("count each send as one message, however it is sent, and are the same at both ends", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const got = signal();
        let received = 0;
        const pair = await openPair(environment, runtime, {
          onInboundMessage(buf) {
            received += buf.length;
            if (received === 5 + 32 * KiB) got.resolve();
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        const { clientCtx: ctx } = pair;
        const large = new Uint8Array(32 * KiB - 4);
        ctx.sendOrQueue(Uint8Array.of(1));
        ctx.sendOrQueue(Uint8Array.of(1, 2));
        ctx.sendSlice(Uint8Array.of(1, 2, 3), 0, 2);
        ctx.sendOrQueue(large);
        const out = ctx.acquireSend();
        out.writeUint16(1);
        out.send();
        out.writeUint16(1);
        out.send(() => {});
        out[Symbol.dispose]();
        await got.promise;
        await eventually(
          () => ctx.stats().bytesOut === 5 + 32 * KiB,
          "all of it is out",
        );
        assert.equal(ctx.stats().messagesOut, 6);
        assert.equal(pair.serverCtx.stats().bytesIn, 5 + 32 * KiB);
        const { bytesIn, bytesOut } = runtime.stats();
        assert.equal(bytesIn, bytesOut);
      }));
  });
}

/** The statistics of runtimes, listeners and connections. */
export function statsPromises(environment: Environment): void {
  const { adapter, connectPeer, eventually, sleep } = environment;
  const { blockEventLoop } = environment;
  trafficCountPromises(environment);

  describe(`${adapter.name}: stats`, () => {
    it("are plain data, of an idle runtime and of a busy one", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { uptimeMs, ...before } = runtime.stats();
        isPlain(before);
        assert.ok(uptimeMs >= 0);
        assert.equal(before.open, 0);
        assert.deepEqual(before.closed, {});
        const pair = await openPair(environment, runtime, echo());
        pair.clientCtx.sendOrQueue(pattern(0, 1000));
        await eventually(
          () => pair.clientCtx.stats().bytesIn === 1000,
          "the echo is back",
        );
        isPlain(runtime.stats());
        isPlain(pair.clientCtx.stats());
      }));

    it("count open, accepted and outgoing connections", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const address = await serve(environment, runtime, () => echo());
        const handles = [];
        for (let i = 0; i < 3; i++) {
          handles.push(await runtime.connect(address, sink()));
        }
        await eventually(() => runtime.stats().open === 6, "all are open");
        const stats = runtime.stats();
        assert.equal(stats.listeners, 1);
        assert.equal(stats.accepted, 3);
        assert.deepEqual(stats.connects, {
          tried: 3,
          opened: 3,
          failed: {},
          cancelled: 0,
          underWay: 0,
        });
        balance(stats);
        for (const handle of handles) await handle.close();
        await eventually(() => runtime.stats().open === 0, "all are closed");
        assert.deepEqual(runtime.stats().closed, { ok: 6 });
        assert.ok(handles[0].stats().openMs >= 0);
      }));

    it("count closes by reason: the library's errors by class, a user's subclass as its base, all others together", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          class Own extends ReactioError {}
          const reasons = [
            undefined,
            new Own("one of the program's"),
            new Error("any"),
            new TypeError("any other"),
          ];
          let next = 0;
          const address = await serve(environment, runtime, () => ({
            ...sink(),
            onConnected: (ctx) => ctx.close(reasons[next++]),
          }));
          for (const _ of reasons) {
            const handle = await runtime.connect(address, sink());
            await handle.whenClosed;
          }
          const client = watched();
          await runtime.connect(address, client.reactor, { idleTimeoutMs: 1 });
          await eventually(() => runtime.stats().open === 0, "all are closed");
          const { closed } = runtime.stats();
          assert.equal(closed.ReactioError, 1);
          assert.equal(closed.other, 2);
          assert.deepEqual(
            Object.keys(closed).filter((name) => name === "Own"),
            [],
          );
          balance(runtime.stats());
        })
      ));

    it("count dropped connections, for the listener and for the runtime, once each", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          const listener = await dropOne(environment, runtime);
          await eventually(
            () => listener.stats().dropped.maxConnections === 1,
            "the drop is counted",
          );
          assert.equal(listener.stats().accepted, 1);
          assert.deepEqual(listener.stats().dropped, listener.dropCounts);
          assert.deepEqual(runtime.stats().dropped, listener.dropCounts);
        })
      ));

    it("of a closed listener go on with the connections that it has accepted", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const listener = await runtime.listen(
          environment.anyPort,
          new DefaultTcpListenerHandler(() => echo()),
        );
        const peer = await connectPeer(listener.address);
        await eventually(() => listener.stats().open === 1, "it is open");
        await listener.close();
        peer.write(1, 2, 3);
        await peer.has(3);
        assert.equal(listener.stats().bytesIn, 3);
        peer.end();
        await eventually(
          () => listener.stats().closed.ok === 1,
          "the end is counted",
        );
        assert.equal(listener.stats().open, 0);
        assert.equal(runtime.stats().listeners, 0);
      }));

    it("count failed connects by reason", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const gone = await runtime.listen(
          environment.anyPort,
          new DefaultTcpListenerHandler(() => sink()),
        );
        await gone.close();
        for (let i = 0; i < 2; i++) {
          await assert.rejects(runtime.connect(gone.address, sink()));
        }
        const { connects } = runtime.stats();
        assert.equal(connects.tried, 2);
        assert.equal(connects.opened, 0);
        assert.equal(connects.underWay, 0);
        const failed = Object.values(connects.failed);
        assert.equal(failed.reduce((sum, count) => sum + count, 0), 2);
        assert.ok(Object.keys(connects.failed).every((it) => it !== "other"));
      }));

    it("show what is queued, the most that was, and pauses caused by a long queue", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const MARK = 64 * KiB;
        const MUCH = 8 * 1024 * KiB;
        const server = watched({
          onInboundMessage(buf, ctx) {
            ctx.sendOrQueue(new Uint8Array(MUCH));
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        const address = await serve(
          environment,
          runtime,
          () => server.reactor,
          { sendHighWaterMark: MARK },
        );
        const peer: Peer = await connectPeer(address);
        peer.pause();
        peer.write(1);
        const ctx = await server.connected;
        await eventually(() => ctx.stats().paused === 1, "it is paused");
        const stats = ctx.stats();
        assert.equal(stats.pauses, 1);
        assert.ok(stats.bytesQueued > MARK);
        assert.ok(stats.bytesQueuedPeak >= stats.bytesQueued);
        assert.equal(runtime.stats().paused, 1);
        assert.ok(runtime.stats().bytesHeld > 0);
        peer.resume();
        await peer.has(MUCH);
        await eventually(() => ctx.stats().paused === 0, "it reads again");
        const after = ctx.stats();
        assert.equal(after.bytesQueued, 0);
        assert.equal(after.bytesQueuedPeak, stats.bytesQueuedPeak);
        assert.equal(after.bytesOut, MUCH);
        assert.equal(after.pauses, 1);
      }));

    it("show how long reading was paused, during a pause and afterwards, and no longer than the connection was open", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const pair = await openPair(environment, runtime);
        const { serverCtx: ctx, server } = pair;
        ctx.pauseReading();
        ctx.pauseReading();
        await sleep(20);
        const during = ctx.stats();
        assert.equal(during.pauses, 1);
        assert.equal(during.paused, 1);
        assert.ok(during.pausedMs >= 19, `${during.pausedMs} ms`);
        ctx.resumeReading();
        const { pausedMs } = ctx.stats();
        await sleep(10);
        assert.deepEqual(
          { ...ctx.stats(), openMs: 0 },
          { ...during, openMs: 0, paused: 0, pausedMs },
        );
        ctx.read(1);
        ctx.pauseReading();
        ctx.abort();
        assert.equal(runtime.stats().paused, 0);
        await server.closed;
        const ended = ctx.stats();
        assert.equal(ended.pauses, 2);
        await sleep(10);
        assert.deepEqual(ctx.stats(), ended);
        assert.ok(runtime.stats().pausedMs >= ended.pausedMs);
      }));

    it("count executed, waiting and deferred commands", () =>
      withRuntime<number>(adapter, {}, async (runtime) => {
        const { serverCtx, server } = await openPair<number>(
          environment,
          runtime,
          { onCommand() {} },
        );
        const before = runtime.stats().commands;
        const { cmdSender } = runtime;
        cmdSender.sendUserCmd(serverCtx, 1);
        const id = cmdSender.sendUserCmd(serverCtx, 2, {
          deferred: Deferred.after(60_000),
        });
        cmdSender.sendUserCmd(serverCtx, 3, {
          deferred: Deferred.after(60_000),
          completion() {},
        });
        await eventually(
          () => server.calls.includes("onCommand"),
          "the command is carried out",
        );
        const expected = {
          executed: before.executed + 1,
          deferred: 2,
          queued: 0,
          waiting: 2,
        };
        assert.deepEqual(runtime.stats().commands, expected);
        cmdSender.cancel(id);
        assert.deepEqual(runtime.stats().commands, { ...expected, waiting: 1 });
      }));

    it("count the requests of clients and servers: answered, failed and in flight, and how long answers took", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const gate = signal<string>();
        const server = serveRequests(lines(), (line) => {
          if (line === "wait") return gate.promise;
          if (line === "fail") throw new Error("it is to fail");
          return line;
        }, { order: "any", concurrency: 4, onError: () => "failed" });
        const { address } = await runtime.listen(environment.anyPort, server);
        const client = new RequestClient(runtime, lines());
        await runtime.connect(address, client.reactor());
        assert.equal(await client.request("a"), "a");
        assert.equal(await client.request("fail"), "failed");
        const waiting = client.request("wait");
        await eventually(
          () => runtime.stats().served.inFlight === 1,
          "it is in flight",
        );
        const during = runtime.stats();
        const counts = ({ latency, ...rest }: RequestStats) => ({
          ...rest,
          timed: latency.count,
        });
        const requested = { begun: 3, answered: 2, failed: {}, inFlight: 1 };
        const served = { ...requested, answered: 1, failed: { other: 1 } };
        assert.deepEqual(counts(during.requested), { ...requested, timed: 2 });
        assert.deepEqual(counts(during.served), { ...served, timed: 1 });
        assert.deepEqual(counts(client.stats()), {
          ...{ ...requested, timed: 2, queued: 0 },
          ...{ overdue: 0, late: 0, unsolicited: 0 },
        });
        assert.deepEqual(counts(server.stats()), {
          ...{ ...served, timed: 1, active: 1, late: 0 },
        });
        isPlain(client.stats());
        isPlain(server.stats());
        await sleep(20);
        gate.resolve("now");
        assert.equal(await waiting, "now");
        const after = runtime.stats();
        for (
          const [all, own] of [
            [after.requested, client.stats()],
            [after.served, server.stats()],
          ]
        ) {
          assert.equal(all.inFlight, 0);
          assert.ok(all.latency.maxMs >= 19, `${all.latency.maxMs} ms`);
          assert.deepEqual(own.latency, all.latency);
        }
      }));

    it("count each client's and server's own requests, and those of all for the runtime", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const servers = [1, 2].map(() =>
          serveRequests(lines(), (line: string) => line)
        );
        const clients = [];
        for (const [i, server] of servers.entries()) {
          const { address } = await runtime.listen(environment.anyPort, server);
          const client = new RequestClient(runtime, lines());
          await runtime.connect(address, client.reactor());
          for (let n = 0; n <= i; n++) await client.request("a");
          clients.push(client);
        }
        for (const ends of [servers, clients]) {
          assert.deepEqual(ends.map((end) => end.stats().answered), [1, 2]);
        }
        const { requested, served } = runtime.stats();
        assert.deepEqual([requested.answered, served.answered], [3, 3]);
      }));

    it("count the successive connections of keepConnected, and its attempts", () =>
      withRuntime(adapter, {}, async (runtime) => {
        let count = 0;
        const address = await serve(environment, runtime, () => echo());
        const kept = keepConnected(runtime, address, () => {
          if (++count === 2) throw new Error("not this time");
          return {
            ...sink(),
            onConnected: (ctx) => void ctx.sendOrQueue(pattern(0, 10)),
          };
        }, { backoff: { minMs: 1, maxMs: 1 }, onState() {} });
        const echoed = (bytes: number) =>
          eventually(() => kept.stats().bytesIn === bytes, "the echo is back");
        assert.equal(kept.stats().open, 0);
        await echoed(10);
        await kept.connection?.close();
        await echoed(20);
        const during = kept.stats();
        isPlain(during);
        assert.equal(during.open, 1);
        assert.deepEqual(during.closed, { ok: 1 });
        assert.equal(during.bytesOut, 20);
        const tried = { tried: 3, opened: 2, failed: { other: 1 } };
        const connects = { ...tried, cancelled: 0, underWay: 0 };
        assert.deepEqual(during.connects, connects);
        await kept.close(new Error("enough"));
        const { open, closed, bytesIn } = kept.stats();
        assert.deepEqual([open, closed, bytesIn], [0, { ok: 1, other: 1 }, 20]);
      }));

    it("count each attempt of keepConnected once, even one that is given up", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const address = await serve(environment, runtime, () => echo());
        for (const at of ["connecting", "made", "begun", "connected"]) {
          const stop = () => void kept.close();
          const kept: KeptConnection = keepConnected(runtime, address, () => {
            if (at === "made") stop();
            if (at === "begun") void Promise.resolve().then(stop);
            return sink();
          }, { onState: ({ kind }) => kind === at && stop() });
          await kept.whenClosed;
          const { connects, open } = kept.stats();
          const counts = [connects.tried, connects.underWay, open];
          assert.deepEqual(counts, [1, 0, 0], at);
        }
      }));

    it("count a refused request as failed, once, with the reason", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const client = new RequestClient(runtime, lines(), { maxQueue: 1 });
        const waits = client.request("a");
        const aborted = { signal: AbortSignal.abort() };
        await assert.rejects(client.request("b"), RequestQueueFullError);
        await assert.rejects(
          client.request("c", aborted),
          RequestCancelledError,
        );
        void client.close();
        await assert.rejects(waits, ConnectionClosedError);
        await assert.rejects(client.request("d"), ConnectionClosedError);
        const { latency: _, ...requested } = runtime.stats().requested;
        const { latency: _own, ...own } = client.stats();
        const failed = {
          RequestQueueFullError: 1,
          RequestCancelledError: 1,
          ConnectionClosedError: 2,
        };
        const expected = { begun: 4, answered: 0, failed, inFlight: 0 };
        assert.deepEqual(requested, expected);
        assert.deepEqual(own, {
          ...{ ...expected, queued: 0 },
          ...{ overdue: 0, late: 0, unsolicited: 0 },
        });
      }));

    it("count requests lost with their connection as failed, at both ends", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const peers: ServedPeer<string>[] = [];
        const server = serveRequests(lines(), (_line, peer) => {
          peers.push(peer);
          return new Promise<string>(() => {});
        });
        const { address } = await runtime.listen(environment.anyPort, server);
        const client = new RequestClient(runtime, lines());
        await runtime.connect(address, client.reactor());
        const waiting = client.request("a");
        await eventually(
          () => runtime.stats().served.inFlight === 1,
          "it is in flight",
        );
        // Aborted by the server, because a client's abort is a FIN on Deno,
        // which the server answers.
        peers[0].ctx.abort();
        await assert.rejects(waiting);
        await eventually(() => runtime.stats().open === 0, "both are closed");
        const { requested, served } = runtime.stats();
        for (
          const { begun, answered, failed, inFlight } of [requested, served]
        ) {
          assert.deepEqual([begun, answered, inFlight], [1, 0, 0]);
          assert.equal(Object.values(failed)[0], 1);
        }
      }));

    it("show how long handlers take, and how long the host took to give a turn", () =>
      withRuntime(adapter, {}, async (runtime) => {
        let tookMs = -1;
        const pair = await openPair(environment, runtime, {
          onInboundMessage(buf) {
            const startedAt = adapter.clock.now();
            blockEventLoop(30); // takes no time in a simulation
            tookMs = adapter.clock.now() - startedAt;
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        runtime.stats(); // starts to measure the delay
        pair.clientCtx.sendOrQueue(Uint8Array.of(1));
        await eventually(
          () => pair.serverCtx.stats().bytesIn === 1,
          "it is received",
        );
        await eventually(
          () => runtime.stats().loopDelay.count > 0,
          "a turn was given",
        );
        const { handlerTime, turnTime } = runtime.stats();
        assert.ok(handlerTime.count > 0);
        assert.ok(tookMs >= 0);
        assert.ok(handlerTime.maxMs >= tookMs, `${handlerTime.maxMs} ms`);
        assert.equal(quantile(handlerTime, 1), handlerTime.maxMs);
        assert.ok(turnTime.count > 0);
      }));
  });
}
