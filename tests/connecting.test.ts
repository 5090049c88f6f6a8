import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type AdapterConnectOptions,
  type AdapterListenOptions,
  type Address,
  type ConnectEvents,
  ConnectionRefusedError,
  hostAdapter,
  ReactRuntime,
  RuntimeStoppedError,
  type Socket,
  SocketFailure,
  UnsupportedTransportError,
} from "../mod.ts";
import { eventually, sink } from "./conformance/support.ts";
import { tcp } from "./support/tcp.ts";

/** The adapter of the host, but connects end as a test says: by the last of `events`. */
function heldConnects() {
  const events: ConnectEvents[] = [];
  const adapter = {
    ...hostAdapter(),
    connect(_options: AdapterConnectOptions, given: ConnectEvents) {
      events.push(given);
      return { cancel() {} };
    },
  };
  return { adapter, events };
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
    setNoDelay() {},
    setKeepAlive() {},
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
        { hostname: "localhost", port: 40_000 },
        sink({ onConnected: () => assert.fail("it is no connection") }),
      );
      events.at(-1)!.onConnect(socket);
      await assert.rejects(
        connecting,
        (error: Error) =>
          error instanceof ConnectionRefusedError &&
          error.message.includes("localhost:40000"),
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
