import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import {
  type Adapter,
  BORROWED,
  ConnectError,
  type ConnectEvents,
  ConnectTimeoutError,
  encodeProxyHeader,
  hostAdapter,
  ReactRuntime,
  RuntimeStoppedError,
  type Socket,
  SocketFailure,
} from "../../mod.ts";
import { PROXY_PROTOCOL } from "../../src/core/on_demand.ts";
import { sink } from "../conformance/support.ts";
import { FakeSocket } from "../relay/fake_relay.ts";
import { tcp } from "../support/tcp.ts";

const HEADER = encodeProxyHeader({ version: 1 });

/** A socket that takes so many bytes of each write, or borrows all of them. */
class SlowSocket extends FakeSocket {
  readonly taken: number[] = [];
  readonly #room: number;

  constructor(room: number) {
    super();
    this.#room = room;
  }

  override write(buffer: Uint8Array, start: number, end: number): number {
    const bytes = buffer.subarray(start, end);
    if (this.#room === BORROWED) {
      this.taken.push(...bytes);
      return BORROWED;
    }
    const count = Math.min(this.#room, bytes.length);
    this.taken.push(...bytes.subarray(0, count));
    return count;
  }
}

/** Connects, by a runtime whose adapter has this socket. */
function connectBy(socket: FakeSocket, connectTimeoutMs = 10_000) {
  let events!: ConnectEvents;
  const calls: string[] = [];
  const { resolve: _, ...host } = hostAdapter();
  const adapter: Adapter = {
    ...host,
    reusesPorts: false,
    clock: hostAdapter().clock,
    connect(_options, given) {
      events = given;
      return { cancel: () => void calls.push("cancel") };
    },
  };
  const runtime = new ReactRuntime({ adapter });
  const connected = runtime.connect(
    "127.0.0.1:2",
    sink({ onConnected: () => void socket.calls.push("onConnected") }),
    { proxyProtocol: { version: 1 }, connectTimeoutMs },
  );
  const failed = connected.then(
    () => undefined,
    (error: unknown) => error,
  );
  events.onConnect(socket as Socket);
  return { runtime, connected, failed, calls };
}

describe("a PROXY header that is sent", () => {
  before(() => PROXY_PROTOCOL.load());

  it("is at once what was connected for, if the socket takes it", async () => {
    const socket = new SlowSocket(1000);
    const { runtime, connected } = connectBy(socket);
    await connected;
    assert.deepEqual(socket.taken, [...HEADER]);
    assert.ok(!socket.calls.includes("pause"));
    assert.ok(socket.calls.includes("onConnected"));
    socket.events.onClose();
    await runtime.stop();
  });

  it("is out before the connection begins, however little the socket takes, and nothing is read meanwhile", async () => {
    const socket = new SlowSocket(2);
    const { runtime, connected } = connectBy(socket);
    assert.deepEqual(socket.calls, ["pause"]);
    for (let i = 4; i <= HEADER.length; i += 2) {
      assert.ok(!socket.calls.includes("onConnected"), `${i}`);
      socket.events.onWritable();
    }
    if (HEADER.length % 2 === 1) socket.events.onWritable();
    await connected;
    assert.deepEqual(socket.taken, [...HEADER]);
    const [first, second, ...rest] = socket.calls;
    assert.deepEqual([first, second], ["pause", "resume"]);
    assert.ok(rest.includes("onConnected"));
    socket.events.onClose();
    await runtime.stop();
  });

  it("is waited for while the socket keeps it", async () => {
    const socket = new SlowSocket(BORROWED);
    const { runtime, connected } = connectBy(socket);
    assert.ok(!socket.calls.includes("onConnected"));
    socket.events.onWritable();
    await connected;
    assert.deepEqual(socket.taken, [...HEADER]);
    socket.events.onClose();
    await runtime.stop();
  });

  it("that is lost with the connection fails the connect, with the reason", async () => {
    for (const room of [0, 3, BORROWED]) {
      for (const failure of [undefined, new SocketFailure("reset", "gone")]) {
        const socket = new SlowSocket(room);
        const { runtime, failed } = connectBy(socket);
        socket.events.onClose(failure);
        const error = await failed;
        assert.ok(error instanceof ConnectError, `${error}`);
        assert.match(
          error.message,
          failure === undefined
            ? /^Cannot connect to 127\.0\.0\.1:2: it was closed before its PROXY header was out$/
            : /^Cannot connect to 127\.0\.0\.1:2: it was reset before it was open$/,
        );
        assert.ok(!socket.calls.includes("onConnected"));
        await runtime.stop();
      }
    }
  });

  it("that is not out in time fails the connect, and closes the connection", async () => {
    const socket = new SlowSocket(3);
    const { runtime, failed, calls } = connectBy(socket, 10);
    const error = await failed;
    assert.ok(error instanceof ConnectTimeoutError);
    assert.match(
      error.message,
      /within 10 ms \(connectTimeoutMs\): its PROXY header was not out by then$/,
    );
    assert.deepEqual(socket.calls, ["pause", "destroy"]);
    assert.deepEqual(calls, []);
    socket.events.onWritable(); // what comes too late is nobody's
    socket.events.onClose();
    await runtime.stop();
  });

  it("is given up when the runtime stops", async () => {
    const socket = new SlowSocket(BORROWED);
    const { runtime, failed } = connectBy(socket);
    const stopped = runtime.stop();
    assert.ok((await failed) instanceof RuntimeStoppedError);
    assert.deepEqual(socket.calls, ["pause", "destroy"]);
    socket.events.onClose();
    await stopped;
    assert.equal(runtime.connectionCount, 0);
  });

  it("has the addresses that it is given, whatever they are later", async () => {
    const source = { ...tcp("192.0.2.1", 1) };
    const socket = new SlowSocket(BORROWED);
    let events!: ConnectEvents;
    const { resolve: _, ...host } = hostAdapter();
    const runtime = new ReactRuntime({
      adapter: {
        ...host,
        reusesPorts: false,
        clock: hostAdapter().clock,
        connect(_options, given) {
          events = given;
          return { cancel() {} };
        },
      },
    });
    const value = Uint8Array.of(1);
    const options = {
      version: 2,
      source,
      destination: "192.0.2.2:2",
      tlvs: [{ type: 0xe0, value }],
    } as const;
    const expected = encodeProxyHeader(options);
    const connected = runtime.connect("127.0.0.1:2", sink(), {
      proxyProtocol: options,
    });
    Object.assign(source, { port: 9 });
    value[0] = 9;
    events.onConnect(socket as Socket);
    socket.events.onWritable();
    await connected;
    assert.deepEqual(socket.taken, [...expected]);
    socket.events.onClose();
    await runtime.stop();
  });
});
