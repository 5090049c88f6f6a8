// Connections that are accepted in one thread and served in others. Here both
// ends of the ports are in one thread, which neither of them can tell.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MessageChannel } from "node:worker_threads";
import {
  type Adapter,
  type AdapterListenOptions,
  BORROWED,
  ConnectionRefusedError,
  ConnectionResetError,
  DefaultTcpListenerHandler,
  hostAdapter,
  type Listener,
  type ListenerEvents,
  type Reactor,
  ReactRuntime,
  type Socket,
  type SocketEvents,
  SocketFailure,
} from "../mod.ts";
import type { Port } from "../src/threads/port.ts";
import {
  type Acceptor,
  relayConnections,
} from "../src/threads/relay/acceptor.ts";
import { Kind, WINDOW } from "../src/threads/relay/protocol.ts";
import { relayedListener } from "../src/threads/relay/relayed_listener.ts";
import { breakingPromises } from "./conformance/breaking.ts";
import { closingPromises } from "./conformance/closing.ts";
import { RawPeer, watched } from "./conformance/peers.ts";
import { realGround } from "./conformance/real_ground.ts";
import { checking, PatternSender } from "./conformance/streams.ts";
import {
  ANY_PORT,
  echo,
  eventually,
  PatternChecker,
  quietly,
  signal,
  sink,
  sleep,
} from "./conformance/support.ts";
import { transferPromises } from "./conformance/transfer.ts";

const MIB = 2 ** 20;
/** No adapter reads more at once. */
const LARGEST_READ = MIB / 2;
const LOCAL: AdapterListenOptions = {
  hostname: "127.0.0.1",
  port: 0,
  backlog: 128,
  reusePort: false,
};
const UNHEARD = { onAcceptFailed: () => assert.fail("accepting failed") };

/** A port; `closed` resolves when the end of the worker is closed, `bytes` counts what was posted to it. */
function channel() {
  const { port1, port2 } = new MessageChannel();
  const closed = signal();
  port2.on("close", () => closed.resolve());
  const ends = {
    near: port1 as unknown as Port,
    far: port2 as unknown as Port,
    closed: closed.promise,
    bytes: 0,
  };
  const post = ends.near.postMessage.bind(ends.near);
  ends.near.postMessage = (message, transferList) => {
    const [kind, , content] = message as [number, number, ArrayBuffer];
    if (kind === Kind.Data) ends.bytes += content.byteLength;
    post(message, transferList);
  };
  return ends;
}

/** The adapter of the host, but what listens is at the other end of a relay. */
function relayed(inner: Adapter): Adapter {
  return {
    ...inner,
    name: `relayed ${inner.name}`,
    async listen(options, events) {
      const acceptor = await relayConnections(inner, options, UNHEARD);
      const { near, far } = channel();
      acceptor.addPort(1, near);
      const { address } = acceptor;
      const listener = relayedListener(far, address, events);
      return {
        address,
        resume: () => listener.resume(),
        close: () => listener.close().then(() => acceptor.close()),
      };
    },
  };
}

const ground = realGround(relayed(hostAdapter()));
transferPromises(ground);
closingPromises(ground);
breakingPromises(ground);

/** A runtime that listens at the other end of a relay, and that end. */
async function newWorker(
  acceptor: Acceptor,
  runtimeId: number,
  reactor: () => Reactor,
) {
  const ends = channel();
  const runtime = new ReactRuntime({
    adapter: {
      ...hostAdapter(),
      listen: (_options, events) =>
        Promise.resolve(relayedListener(ends.far, acceptor.address, events)),
    },
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
): Promise<void> {
  const acceptor = await relayConnections(hostAdapter(), LOCAL, UNHEARD);
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
    onInboundMessage(buf, newBytes, size, ctx) {
      if (++count % 4 === 0) {
        ctx.pauseReading();
        setTimeout(() => ctx.resumeReading(), 2);
      }
      return reactor.onInboundMessage(buf, newBytes, size, ctx);
    },
  };
}

const streams = ({ runtime }: Worker) => runtime.countStreams();

describe("a relay", () => {
  it("echoes 8 MiB, every byte in its place, while both ends stall", () =>
    withWorkers(1, () => stalling(echo()), async (acceptor) => {
      await using runtime = new ReactRuntime();
      const checker = new PatternChecker();
      const client = watched(stalling(checking(checker, 8 * MIB)));
      await runtime.connect(acceptor.address, client.reactor);
      new PatternSender(await client.connected, 8 * MIB);
      assert.equal(await client.closed, undefined);
      assert.equal(checker.received, 8 * MIB);
    }));

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
        await eventually(() => ends.bytes > WINDOW / 2, "some are in");
        await sleep(200);
        assert.ok(ends.bytes < WINDOW + LARGEST_READ);
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
      onConnected: ({ socket }) => void ports.add(socket.remoteAddress.port),
    };
    return withWorkers(3, () => noting, async (acceptor, workers) => {
      const peers: RawPeer[] = [];
      for (let i = 0; i < 30; i++) peers.push(await served(acceptor));
      assert.deepEqual(workers.map(streams), [10, 10, 10]);
      assert.equal(ports.size, 30);
      assert.ok(!ports.has(acceptor.address.port));
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
      await using runtime = new ReactRuntime();
      await assert.rejects(
        runtime.connect(acceptor.address, sink()),
        ConnectionRefusedError,
      );
      kept.write(2);
      await kept.has(2);
      kept.end();
      await worker.ends.closed;
    }));

  it("drops a connection that no worker takes", () =>
    withWorkers(
      0,
      () => echo(),
      (acceptor) => RawPeer.dropped(acceptor.address),
    ));
});

/** A socket that does what a test says. */
class FakeSocket implements Socket {
  readonly localAddress = { hostname: "127.0.0.1", port: 1 };
  readonly remoteAddress = { hostname: "127.0.0.1", port: 2 };
  readonly calls: string[] = [];
  readonly written: Uint8Array[] = [];
  events!: SocketEvents;

  start(events: SocketEvents): void {
    this.events = events;
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    this.written.push(buffer.subarray(start, end));
    return BORROWED;
  }

  pause = () => void this.calls.push("pause");
  resume = () => void this.calls.push("resume");
  shutdownWrite = () => void this.calls.push("shutdownWrite");
  destroy = () => void this.calls.push("destroy");
  setNoDelay = (on: boolean) => void this.calls.push(`noDelay ${on}`);
  setKeepAlive = (on: boolean) => void this.calls.push(`keepAlive ${on}`);
}

/** A relay of one connection, whose socket is a fake; `log` has what the worker hears. */
async function fakeRelay() {
  let events!: ListenerEvents;
  const calls: string[] = [];
  const timers: [() => void, number][] = [];
  const failures: SocketFailure[] = [];
  const adapter: Adapter = {
    ...hostAdapter(),
    borrowsWrites: true,
    setTimer: (callback, delayMs) => timers.push([callback, delayMs]),
    clearTimer() {},
    listen(_options, given): Promise<Listener> {
      events = given;
      return Promise.resolve({
        address: { hostname: "127.0.0.1", port: 1 },
        resume: () => void calls.push("resume"),
        close: () => Promise.resolve(void calls.push("close")),
      });
    },
  };
  const acceptor = await relayConnections(adapter, LOCAL, {
    onAcceptFailed: (failure) => void failures.push(failure),
  });
  const { near, far, closed } = channel();
  acceptor.addPort(1, near);
  const log: unknown[] = [];
  const accepted = signal<Socket>();
  relayedListener(far, acceptor.address, {
    onAccept(socket) {
      socket.start({
        onData: (_buffer, length) => void log.push(length),
        onWritable: () => void log.push("writable"),
        onEnd: () => void log.push("end"),
        onClose: (failure) => void log.push(["closed", failure?.kind]),
      });
      accepted.resolve(socket);
    },
    onAcceptError: () => assert.fail(),
  });
  const real = new FakeSocket();
  events.onAccept(real);
  const socket = await accepted.promise;
  const end = async () => {
    if (!isFailed(log)) real.events.onClose();
    await acceptor.close();
    await closed;
  };
  return { events, calls, timers, failures, log, real, socket, end };
}

/** True if the worker has heard of the end of the real socket. */
function isFailed(log: unknown[]): boolean {
  return log.some((entry) => Array.isArray(entry) && entry[1] !== undefined);
}

describe("a relayed socket", () => {
  it("passes options on, and FIN after everything written", async () => {
    const { real, socket, end } = await fakeRelay();
    socket.setNoDelay(true);
    socket.setKeepAlive(false);
    assert.equal(socket.write(Uint8Array.of(0, 1, 2, 3), 1, 3), 2);
    socket.shutdownWrite();
    await eventually(() => real.written.length === 1, "it is written");
    await sleep(20);
    assert.deepEqual(real.calls, ["noDelay true", "keepAlive false"]);
    assert.deepEqual([...real.written[0]], [1, 2]);
    real.events.onWritable();
    assert.equal(real.calls.at(-1), "shutdownWrite");
    await end();
  });

  it("takes no more than the window, and the rest when there is room", async () => {
    const { real, socket, log, end } = await fakeRelay();
    const bytes = new Uint8Array(2 * WINDOW);
    assert.equal(socket.write(bytes, 0, bytes.length), WINDOW);
    assert.equal(socket.write(bytes, WINDOW, bytes.length), 0);
    await eventually(() => real.written.length === 1, "the first part is lent");
    await sleep(20);
    assert.deepEqual(log, []);
    real.events.onWritable();
    await eventually(() => log.length > 0, "there is room");
    assert.deepEqual(log, ["writable"]);
    assert.equal(socket.write(bytes, WINDOW, bytes.length), WINDOW / 2);
    await end();
  });

  it("tells nothing but a failure while paused, and nothing from inside a call", async () => {
    const { real, socket, log, end } = await fakeRelay();
    socket.pause();
    real.events.onData(Uint8Array.of(1, 2, 3), 2);
    real.events.onEnd();
    await sleep(20);
    assert.deepEqual(log, []);
    socket.resume();
    assert.deepEqual(log, []);
    await eventually(() => log.length === 2, "it goes on");
    assert.deepEqual(log, [2, "end"]);
    socket.pause();
    real.events.onClose(new SocketFailure("timed-out", "too late"));
    await eventually(() => log.length === 3, "it failed");
    assert.deepEqual(log[2], ["closed", "timed-out"]);
    assert.equal(socket.write(Uint8Array.of(1), 0, 1), 0);
    await end();
  });

  it("closes in good order only after what was held", async () => {
    const { real, socket, log, end } = await fakeRelay();
    socket.pause();
    socket.shutdownWrite();
    await eventually(() => real.calls.includes("shutdownWrite"), "our FIN");
    real.events.onEnd();
    await end();
    assert.deepEqual(log, []);
    socket.resume();
    await eventually(() => log.length === 2, "it goes on");
    assert.deepEqual(log, ["end", ["closed", undefined]]);
  });

  it("that is destroyed destroys the real one and closes once, later", async () => {
    const { real, socket, log, end } = await fakeRelay();
    socket.destroy();
    socket.destroy();
    assert.deepEqual(log, []);
    await eventually(() => real.calls.length > 0, "the real one hears of it");
    await end();
    assert.deepEqual(real.calls, ["destroy"]);
    assert.deepEqual(log, [["closed", undefined]]);
  });

  it("bounds also how many small reads are held", async () => {
    const { real, socket, end } = await fakeRelay();
    socket.pause();
    for (let i = 0; i < 1024 && !real.calls.includes("pause"); i++) {
      real.events.onData(Uint8Array.of(1), 1);
    }
    assert.ok(real.calls.includes("pause"));
    await sleep(20);
    assert.ok(!real.calls.includes("resume"));
    socket.resume();
    await eventually(() => real.calls.includes("resume"), "it reads again");
    await end();
  });
});

describe("an acceptor", () => {
  it("goes on at once after a transient failure, and backs off when out of resources", () =>
    quietly(async () => {
      const { events, calls, timers, failures, end } = await fakeRelay();
      events.onAcceptError(new SocketFailure("transient", "again"));
      assert.deepEqual(calls, ["resume"]);
      for (let i = 0; i < 8; i++) {
        events.onAcceptError(new SocketFailure("exhausted", "no files"));
        assert.equal(calls.length, 1 + i);
        timers[i][0]();
        assert.equal(calls.length, 2 + i);
      }
      assert.deepEqual(
        timers.map(([, delayMs]) => delayMs),
        [20, 40, 80, 160, 320, 640, 1000, 1000],
      );
      assert.deepEqual(failures, []);
      await end();
    }));

  it("closes after any other failure, and tells its host once", async () => {
    const { events, calls, failures, end } = await fakeRelay();
    const failure = new SocketFailure("denied", "no");
    events.onAcceptError(failure);
    events.onAcceptError(failure);
    assert.deepEqual(calls, ["close"]);
    assert.deepEqual(failures, [failure]);
    await end();
  });
});
