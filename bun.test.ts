// What only Bun can tell: what the library stands on there, and that it
// survives the traps of Bun's sockets.

import { expect, spyOn, test } from "bun:test";
import { once } from "node:events";
import { connect, type Socket as NodeSocket } from "node:net";
import {
  bunAdapter,
  hostAdapter,
  MessageResult,
  type Reactor,
  ReactRuntime,
  type Socket,
} from "./mod.ts";
import { deliverRead } from "./src/adapters/bun_reads.ts";
import {
  ANY_PORT,
  echo,
  pattern,
  PatternChecker,
  signal,
  sink,
} from "./tests/conformance/support.ts";
import { asTcp, tcp } from "./tests/support/tcp.ts";

declare const Bun: object;

/** What is used of the options of `Bun.listen`. */
interface ListenOptions {
  readonly socket: { open(native: object): void };
}

/** Much more than the system holds for a connection. */
const REPLY = pattern(0, 8 * 2 ** 20);

/** Has `reactor` serve one peer, a socket of node:net. */
async function withPeer(
  reactor: Reactor,
  body: (peer: NodeSocket) => Promise<void>,
): Promise<void> {
  await using runtime = new ReactRuntime();
  const listener = await runtime.listen(ANY_PORT, {
    onNewConnection: () => ({ reactor }),
  });
  const { hostname: host, port } = asTcp(listener.address);
  const peer = connect({ host, port, allowHalfOpen: true });
  try {
    await body(peer);
  } finally {
    peer.destroy();
  }
}

/** Reads up to the FIN and checks every byte; resolves to how many there were. */
async function countReply(peer: NodeSocket): Promise<number> {
  const checker = new PatternChecker();
  peer.on("data", (chunk) => checker.check(chunk));
  await once(peer, "end");
  return checker.received;
}

test("the library stands on Bun.listen and Bun.connect", async () => {
  expect(hostAdapter()).toBe(bunAdapter);
  using listen = spyOn(Bun, "listen");
  using connect = spyOn(Bun, "connect");
  await using runtime = new ReactRuntime();
  const listener = await runtime.listen(ANY_PORT, {
    onNewConnection: () => ({ reactor: echo() }),
  });
  expect(listen).toHaveBeenCalledTimes(1);
  await runtime.connect(listener.address, sink());
  expect(connect).toHaveBeenCalledTimes(1);
});

test("the peer's FIN does not cut a reply short", () => {
  const server: Reactor = {
    onInboundMessage(buf, ctx) {
      ctx.sendOrQueue(REPLY);
      return MessageResult.dropMsgSize(buf.length);
    },
  };
  return withPeer(server, async (peer) => {
    peer.end("request");
    expect(await countReply(peer)).toBe(REPLY.length);
  });
});

test("a close does not cut a reply short, even if the peer goes on sending", () => {
  const closed = signal<Error | undefined>();
  const server = sink({
    onConnected(ctx) {
      ctx.sendOrQueue(REPLY);
      ctx.close();
    },
    onClose: (reason) => closed.resolve(reason),
  });
  return withPeer(server, async (peer) => {
    peer.on("data", () => peer.write("more"));
    expect(await countReply(peer)).toBe(REPLY.length);
    peer.end();
    expect(await closed.promise).toBeUndefined();
  });
});

test("a connection whose FINs have both passed is closed, though Bun does not notice", async () => {
  const { listen } = Bun as { listen(options: ListenOptions): object };
  using spy = spyOn(Bun, "listen");
  spy.mockImplementation((options: ListenOptions) =>
    listen({
      ...options,
      socket: {
        ...options.socket,
        // Bun on Windows and macOS closes nothing if our FIN is the last: here it is not sent.
        open(native) {
          Object.defineProperty(native, "shutdown", { value() {} });
          options.socket.open(native);
        },
      },
    })
  );
  const closed = signal<Error | undefined>();
  const server = sink({
    onPeerEnd(ctx) {
      ctx.sendOrQueue(REPLY);
      setTimeout(() => ctx.close(), 20);
    },
    onClose: (reason) => closed.resolve(reason),
  });
  await withPeer(server, async (peer) => {
    peer.end();
    expect(await countReply(peer)).toBe(REPLY.length);
    expect(await closed.promise).toBeUndefined();
  });
});

test("destroy delivers no event from inside", async () => {
  const accepted = signal<Socket>();
  const closed = signal();
  const log: string[] = [];
  const nothing = {
    readBuffer: () => new Uint8Array(0),
    onData() {},
    onWritable() {},
    onEnd() {},
    onClose() {},
  };
  const listener = await bunAdapter.listen(
    { address: tcp("127.0.0.1", 0), backlog: 1, reusePort: false },
    {
      onAccept(socket) {
        socket.start({
          ...nothing,
          onClose() {
            log.push("closed");
            closed.resolve();
          },
        });
        accepted.resolve(socket);
      },
      onAcceptError() {},
    },
  );
  const address = asTcp(listener.address);
  bunAdapter.connect({ address }, {
    onConnect: (socket) => socket.start(nothing),
    onConnectError: accepted.reject,
  });
  const socket = await accepted.promise;
  socket.destroy();
  log.push("destroyed");
  await closed.promise;
  listener.close();
  expect(log).toEqual(["destroyed", "closed"]);
});

test("the memory of a long read is free once it was told, that of others is not", () => {
  const told: number[] = [];
  const tell = (chunk: Uint8Array, also = (_chunk: Uint8Array) => {}) => {
    deliverRead({
      readBuffer: () => chunk,
      onData(buffer, length) {
        told.push(length);
        also(buffer);
      },
      onWritable() {},
      onEnd() {},
      onClose() {},
    }, chunk);
    return chunk.length;
  };
  const size = 64 * 1024;
  expect(tell(new Uint8Array(size))).toBe(0);
  expect(tell(new Uint8Array(100))).toBe(100);
  expect(tell(new Uint8Array(2 * size).subarray(size))).toBe(size);
  const sentAway = (chunk: Uint8Array) =>
    void structuredClone(0, { transfer: [chunk.buffer as ArrayBuffer] });
  expect(tell(new Uint8Array(size), sentAway)).toBe(0);
  expect(told).toEqual([size, 100, size, size]);
});
