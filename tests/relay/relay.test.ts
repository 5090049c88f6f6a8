// Connections that are accepted in one thread and served in others. Here both
// ends of the ports are in one thread, which neither of them can tell.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ConnectionRefusedError,
  ConnectionResetError,
  DefaultTcpListenerHandler,
  type DropReason,
  hostAdapter,
  type Reactor,
  ReactRuntime,
} from "../../mod.ts";
import {
  type Acceptor,
  type AcceptorHost,
  relayConnections,
} from "../../src/threads/relay/acceptor.ts";

import { relayedListener } from "../../src/threads/relay/relayed_listener.ts";
import { RawPeer, watched } from "../conformance/peers.ts";
import { checking, PatternSender } from "../conformance/streams.ts";
import {
  ANY_PORT,
  echo,
  eventually,
  PatternChecker,
  signal,
  sink,
  sleep,
  withRuntime,
} from "../conformance/support.ts";
import { channel, LOCAL, UNHEARD, workerAdapter } from "./ports.ts";
import { RELAY_WINDOW } from "../../src/tuning.ts";
import { asTcp } from "../support/tcp.ts";

const MIB = 2 ** 20;
/** No adapter reads more at once. */
const LARGEST_READ = MIB / 2;
/** A runtime that listens at the other end of a relay, and that end. */
async function newWorker(
  acceptor: Acceptor,
  runtimeId: number,
  reactor: () => Reactor,
) {
  const ends = channel();
  const runtime = new ReactRuntime({
    adapter: workerAdapter(
      hostAdapter(),
      (barrier, _options, events) =>
        Promise.resolve(
          relayedListener(ends.far, acceptor.address, events, barrier),
        ),
    ),
  });
  const handler = new DefaultTcpListenerHandler(reactor);
  const listener = await runtime.listen(ANY_PORT, handler);
  acceptor.addPort(runtimeId, ends.near);
  return { runtime, listener, ends };
}

type Worker = Awaited<ReturnType<typeof newWorker>>;

/** Runs `body` with an acceptor and its workers; afterwards every port must be closed. */
async function withWorkers(
  count: number,
  reactor: () => Reactor,
  body: (acceptor: Acceptor, workers: Worker[]) => Promise<void>,
  host: AcceptorHost = UNHEARD,
): Promise<void> {
  const acceptor = await relayConnections(hostAdapter(), LOCAL, host);
  const workers: Worker[] = [];
  for (let i = 0; i < count; i++) {
    workers.push(await newWorker(acceptor, i, reactor));
  }
  try {
    await body(acceptor, workers);
  } finally {
    await acceptor.close();
    for (const { runtime } of workers) await runtime.stop({ graceMs: 0 });
    acceptor.destroyAll();
  }
  for (const { ends } of workers) await ends.closed;
}

/** Connects, and resolves when the peer is served. */
async function served(acceptor: Acceptor): Promise<RawPeer> {
  const peer = await RawPeer.connect(acceptor.address);
  peer.write(1);
  await peer.has(1);
  return peer;
}

/** The same reactor, but it stops reading for a moment again and again. */
function stalling(reactor: Pick<Reactor, "onInboundMessage">): Reactor {
  let count = 0;
  return {
    onInboundMessage(buf, ctx, newBytes, size) {
      if (++count % 4 === 0) {
        ctx.pauseReading();
        setTimeout(() => ctx.resumeReading(), 2);
      }
      return reactor.onInboundMessage(buf, ctx, newBytes, size);
    },
  };
}

const streams = ({ runtime }: Worker) => runtime.connectionCount;

describe("a relay", () => {
  it("echoes 8 MiB, every byte in its place, while both ends stall", () =>
    withWorkers(
      1,
      () => stalling(echo()),
      (acceptor) =>
        withRuntime(hostAdapter(), {}, async (runtime) => {
          const checker = new PatternChecker();
          const client = watched(stalling(checking(checker, 8 * MIB)));
          await runtime.connect(acceptor.address, client.reactor);
          new PatternSender(await client.connected, 8 * MIB);
          assert.equal(await client.closed, undefined);
          assert.equal(checker.received, 8 * MIB);
        }),
    ));

  it("tells of a reset as ConnectionResetError", () => {
    const server = watched({
      onConnected: (ctx) => void ctx.sendOrQueue(new Uint8Array(16 * MIB)),
    });
    return withWorkers(1, () => server.reactor, async (acceptor) => {
      const peer = await RawPeer.connect(acceptor.address);
      peer.pause();
      await server.connected;
      await sleep(50);
      peer.destroy(); // with bytes unread, which makes it a reset
      assert.ok(await server.closed instanceof ConnectionResetError);
    });
  });

  it("holds no more than the window, and a read, for a worker that does not read", () => {
    const server = watched({ onConnected: (ctx) => ctx.pauseReading() });
    return withWorkers(
      1,
      () => server.reactor,
      async (acceptor, [{ ends }]) => {
        const peer = await RawPeer.connect(acceptor.address);
        peer.send(new Uint8Array(16 * MIB));
        await eventually(() => ends.bytes > RELAY_WINDOW / 2, "some are in");
        await sleep(200);
        assert.ok(ends.bytes < RELAY_WINDOW + LARGEST_READ);
        (await server.connected).resumeReading();
        await eventually(() => ends.bytes === 16 * MIB, "all are in");
        peer.destroy();
      },
    );
  });

  it("gives each connection to the worker that has the fewest, with its real addresses", () => {
    const ports = new Set<number>();
    const noting: Reactor = {
      ...echo(),
      onConnected: ({ socket }) =>
        void ports.add(asTcp(socket.remoteAddress).port),
    };
    return withWorkers(3, () => noting, async (acceptor, workers) => {
      const peers: RawPeer[] = [];
      for (let i = 0; i < 30; i++) peers.push(await served(acceptor));
      assert.deepEqual(workers.map(streams), [10, 10, 10]);
      assert.equal(ports.size, 30);
      assert.ok(!ports.has(asTcp(acceptor.address).port));
      for (let i = 0; i < 30; i += 3) peers[i].end();
      await eventually(() => streams(workers[0]) === 0, "the first is free");
      for (let i = 0; i < 10; i++) await served(acceptor);
      assert.deepEqual(workers.map(streams), [10, 10, 10]);
    });
  });

  it("destroys the connections of a worker that is removed; the others live", () =>
    withWorkers(2, () => echo(), async (acceptor, workers) => {
      const gone = await served(acceptor);
      const other = await served(acceptor);
      acceptor.removePort(0);
      await Promise.race([gone.ended, gone.closed]); // Deno cannot reset
      await workers[0].ends.closed;
      await eventually(() => streams(workers[0]) === 0, "its worker hears it");
      other.write(2);
      await other.has(2);
      const next = await served(acceptor);
      assert.equal(streams(workers[1]), 2);
      next.destroy();
    }));

  it("a worker that stops listening gets no further connection and keeps those it has", () =>
    withWorkers(2, () => echo(), async (acceptor, workers) => {
      const kept = await served(acceptor);
      const closed = signal();
      workers[0].runtime.cmdSender.sendClose(workers[0].listener, {
        completion: () => closed.resolve(),
      });
      await closed.promise;
      for (let i = 0; i < 4; i++) await served(acceptor);
      assert.deepEqual(workers.map(streams), [1, 4]);
      kept.write(2);
      await kept.has(2);
      kept.end();
      await workers[0].ends.closed;
    }));

  it("that is closed frees its address; connections live on until they end", () =>
    withWorkers(1, () => echo(), async (acceptor, [worker]) => {
      const kept = await served(acceptor);
      await acceptor.close();
      await withRuntime(hostAdapter(), {}, (runtime) =>
        assert.rejects(
          runtime.connect(acceptor.address, sink()),
          ConnectionRefusedError,
        ));
      kept.write(2);
      await kept.has(2);
      kept.end();
      await worker.ends.closed;
    }));

  it("drops a connection that no worker takes, and says so", async () => {
    const lines: string[] = [];
    const drops: DropReason[] = [];
    const host = {
      ...UNHEARD,
      onDrop: (reason: DropReason) => void drops.push(reason),
      peerLog: { warn: (say: () => string) => void lines.push(say()) },
    };
    await withWorkers(
      0,
      () => echo(),
      (acceptor) => RawPeer.dropped(acceptor.address),
      host,
    );
    assert.equal(lines.length, 1);
    assert.match(lines[0], /dropped a connection/);
    assert.deepEqual(drops, ["noThread"]);
  });
});
