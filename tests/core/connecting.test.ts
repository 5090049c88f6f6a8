import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Adapter,
  type AdapterConnectOptions,
  type AdapterListenOptions,
  type Address,
  ConnectError,
  type ConnectEvents,
  ConnectionRefusedError,
  ConnectResetError,
  formatAddress,
  hostAdapter,
  NameNotFoundError,
  ReactRuntime,
  RuntimeStoppedError,
  type Socket,
  SocketFailure,
  UnsupportedTransportError,
} from "../../mod.ts";
import { eventually, sink } from "../conformance/support.ts";
import { tcp } from "../support/tcp.ts";

/** The adapter of the host, but connects end as a test says: by the last of `events`; without `resolve`, if a test says so. */
function heldConnects({ resolves = true }: { resolves?: boolean } = {}) {
  const events: ConnectEvents[] = [];
  const asked: string[] = [];
  const adapter: Adapter = {
    ...hostAdapter(),
    connect({ address }: AdapterConnectOptions, given: ConnectEvents) {
      asked.push(formatAddress(address));
      events.push(given);
      return { cancel() {} };
    },
    resolve: resolves
      ? (hostname, events) => {
        asked.push(hostname);
        queueMicrotask(() => events.onResolve(["192.0.2.1", "192.0.2.2"]));
      }
      : undefined,
  };
  return { adapter, events, asked };
}

/** A socket that connects these addresses, and notes what is done to it. */
function socketBetween(
  localAddress: Address,
  remoteAddress: Address,
): { socket: Socket; calls: string[] } {
  const calls: string[] = [];
  const socket = {
    localAddress,
    remoteAddress,
    borrowsWrites: false,
    setOptions() {},
    start: () => void calls.push("start"),
    write: () => 0,
    pause() {},
    resume() {},
    shutdownWrite() {},
    destroy: () => void calls.push("destroy"),
  };
  return { socket, calls };
}

/** Resolves when all that was asked for so far has had its turn. */
async function turnsPass(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await new Promise<void>((resolve) => hostAdapter().endOfTurn(resolve));
  }
}

describe("an address of a Unix socket", () => {
  const address = { transport: "unix", path: "/run/x.sock" } as const;

  it("is given as it is to an adapter that has such sockets, to connect and to listen", async () => {
    const asked: (AdapterConnectOptions | AdapterListenOptions)[] = [];
    const never = new Promise<never>(() => {});
    const adapter = {
      ...hostAdapter(),
      transports: ["unix"] as const,
      unixPaths: ["file"] as const,
      connect(options: AdapterConnectOptions) {
        asked.push(options);
        return { cancel() {} };
      },
      listen(options: AdapterListenOptions) {
        asked.push(options);
        return never;
      },
    };
    const runtime = new ReactRuntime({ adapter });
    const reactor = sink();
    const connecting = runtime.connect("unix:/run/x.sock", reactor);
    void runtime.listen(address, { onNewConnection: () => null });
    assert.deepEqual(asked, [
      { address },
      { address, backlog: 511, reusePort: false },
    ]);
    await assert.rejects(
      runtime.connect("127.0.0.1:1", reactor),
      UnsupportedTransportError,
    );
    void runtime.stop({ graceMs: 0 });
    await assert.rejects(connecting, RuntimeStoppedError);
  });
});

describe("a connect", () => {
  it("that met itself fails with ConnectionRefusedError, and the reactor hears nothing", async () => {
    const { adapter, events } = heldConnects();
    const runtime = new ReactRuntime({ adapter });
    for (const hostname of ["127.0.0.1", "::1"]) {
      const address = tcp(hostname, 40_000);
      const { socket, calls } = socketBetween(address, { ...address });
      const connecting = runtime.connect(
        address,
        sink({ onConnected: () => assert.fail("it is no connection") }),
      );
      events.at(-1)!.onConnect(socket);
      await assert.rejects(
        connecting,
        (error: Error) =>
          error instanceof ConnectionRefusedError &&
          error.message.includes(formatAddress(address)),
      );
      assert.deepEqual(calls, ["destroy"]);
    }
    await runtime.stop();
  });

  it("that has its peer's port at another address has not met itself", async () => {
    const { adapter, events } = heldConnects();
    const runtime = new ReactRuntime({ adapter });
    const { socket, calls } = socketBetween(
      tcp("127.0.0.1", 40_000),
      tcp("127.0.0.2", 40_000),
    );
    let isOpen = false;
    const connecting = runtime.connect(
      "127.0.0.2:40000",
      sink({ onConnected: () => void (isOpen = true) }),
    );
    events[0].onConnect(socket);
    await connecting;
    assert.ok(isOpen);
    assert.deepEqual(calls, ["start"]);
  });

  it("asks for the peer's address only if its ports are equal", async () => {
    const { adapter, events } = heldConnects();
    const runtime = new ReactRuntime({ adapter });
    const address = tcp("127.0.0.1", 40_000);
    const { socket } = socketBetween({ ...address, port: 40_001 }, address);
    Object.defineProperty(socket, "remoteAddress", {
      get: () => assert.fail("a system call for nothing"),
    });
    const connecting = runtime.connect(address, sink());
    events[0].onConnect(socket);
    await connecting;
  });

  it("to a name goes on to its next address where one met itself", async () => {
    const { adapter, events, asked } = heldConnects();
    const runtime = new ReactRuntime({ adapter });
    const address = tcp("192.0.2.1", 40_000);
    const itself = socketBetween(address, { ...address });
    const other = socketBetween(
      tcp("192.0.2.9", 40_000),
      tcp("192.0.2.2", 40_000),
    );
    const connecting = runtime.connect("two.example:40000", sink());
    await turnsPass();
    events[0].onConnect(itself.socket);
    events[1].onConnect(other.socket);
    await connecting;
    assert.deepEqual(itself.calls, ["destroy"]);
    assert.deepEqual(other.calls, ["start"]);
    assert.deepEqual(asked, [
      "two.example",
      "192.0.2.1:40000",
      "192.0.2.2:40000",
    ]);
  });

  it("to a name goes on to its next address where the adapter throws, and fails if there is none; the runtime goes on", async () => {
    for (const throwsAt of ["192.0.2.1", "192.0.2.2", "192.0.2."]) {
      const { adapter, events } = heldConnects();
      const runtime = new ReactRuntime({
        adapter: {
          ...adapter,
          connect(options, events) {
            const address = formatAddress(options.address);
            if (address.startsWith(throwsAt)) throw new Error("not this way");
            return adapter.connect(options, events);
          },
        },
      });
      const connecting = runtime.connect("two.example:40000", sink(), {
        connectTimeoutMs: 400,
      });
      connecting.catch(() => {});
      await turnsPass();
      if (throwsAt === "192.0.2.1") {
        const ends = [tcp("192.0.2.9", 1), tcp("192.0.2.2", 40_000)] as const;
        events[0].onConnect(socketBetween(...ends).socket);
        await connecting;
        continue;
      }
      await assert.rejects(
        connecting,
        throwsAt === "192.0.2."
          ? /at 192\.0\.2\.1: not this way; at 192\.0\.2\.2: not this way/
          : /at 192\.0\.2\.2: not this way; at 192\.0\.2\.1: no answer/,
      );
      await new Promise<void>((resolve) => runtime.after(1, resolve));
      await runtime.stop();
    }
  });

  it("to a literal address looks up nothing, and has begun when the call returns", async () => {
    const { adapter, events, asked } = heldConnects();
    const runtime = new ReactRuntime({ adapter });
    const literal = ["127.0.0.1:1", "[::1]:1", "[fe80::1%eth0]:1"];
    const connecting = literal.map((address) =>
      runtime.connect(address, sink())
    );
    assert.deepEqual(asked, literal);
    for (const event of events) {
      event.onConnectError(new SocketFailure("refused", new Error("no")));
    }
    await Promise.allSettled(connecting);
  });

  it("to a name gives the name to an adapter that looks up none", async () => {
    const { adapter, events, asked } = heldConnects({ resolves: false });
    const runtime = new ReactRuntime({ adapter });
    const connecting = runtime.connect("two.example:1", sink());
    assert.deepEqual(asked, ["two.example:1"]);
    events[0].onConnectError(new SocketFailure("name-not-found", undefined));
    await assert.rejects(connecting, NameNotFoundError);
  });

  it("to a name that its host connects to by the name alone fails as one to an address does", async () => {
    const { adapter, events } = heldConnects();
    const runtime = new ReactRuntime({
      adapter: {
        ...adapter,
        resolve: (hostname, events) =>
          queueMicrotask(() => events.onResolve([hostname])),
      },
    });
    const connecting = runtime.connect("one.example:1", sink());
    await turnsPass();
    const cause = new Error("no");
    events[0].onConnectError(new SocketFailure("refused", cause));
    await assert.rejects(connecting, {
      name: "ConnectionRefusedError",
      message: "Cannot connect to one.example:1: nobody listens there",
      cause,
    });
  });

  it("to a name that stands for nothing fails with NameNotFoundError", async () => {
    const { adapter } = heldConnects();
    const runtime = new ReactRuntime({
      adapter: {
        ...adapter,
        resolve: (_hostname, events) =>
          queueMicrotask(() => events.onResolve([])),
      },
    });
    await assert.rejects(
      runtime.connect("none.example:1", sink()),
      (error: Error) =>
        error instanceof NameNotFoundError &&
        error.message.includes("none.example"),
    );
  });

  it("that is reset before it is open fails with ConnectResetError", async () => {
    const { adapter, events } = heldConnects();
    const runtime = new ReactRuntime({ adapter });
    const connecting = runtime.connect("127.0.0.1:1", sink());
    const cause = new Error("read ECONNRESET");
    events[0].onConnectError(new SocketFailure("reset", cause));
    await assert.rejects(connecting, (error: Error) => {
      assert.ok(error instanceof ConnectResetError, `${error}`);
      assert.ok(error instanceof ConnectError);
      assert.equal(
        error.message,
        "Cannot connect to 127.0.0.1:1: it was reset before it was open",
      );
      return error.cause === cause;
    });
  });

  it("that fails ends a run() that had nothing else to wait for", async () => {
    const { adapter, events } = heldConnects();
    const runtime = new ReactRuntime({ adapter });
    const connecting = runtime.connect("127.0.0.1:1", sink());
    let isOver = false;
    const running = runtime.run().then(() => isOver = true);
    await turnsPass();
    assert.ok(!isOver);
    events[0].onConnectError(new SocketFailure("refused", new Error("no")));
    await assert.rejects(connecting, ConnectionRefusedError);
    await eventually(() => isOver, "the end of run()");
    await running;
  });
});
