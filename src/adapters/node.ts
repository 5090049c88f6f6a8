/**
 * The sockets of Node: `node:net`, which Deno and Bun have as well.
 *
 * @module
 */

import {
  type Adapter,
  type Address,
  BORROWED,
  type ConnectEvents,
  type FailureKind,
  type Listener,
  type ListenerEvents,
  type ListenOptions,
  type PendingConnect,
  type Socket,
  type SocketEvents,
  SocketFailure,
} from "./adapter.ts";
import { inNobodysContext } from "./async_context.ts";
import { kindOfCode, whileAccepting } from "./failure_kinds.ts";
import { afterTurns, endOfTurn } from "./immediates.ts";
import {
  acceptHandles,
  isReadHandle,
  peerOf,
  type ReadHandle,
  sharingSocket,
  type SocketClass,
  takeHandle,
} from "./node_reads.ts";
import { systemSharesPorts } from "./shared_ports.ts";

/** What is used of `node:net`, so that no types of Node are needed. */
interface Net {
  readonly Socket: SocketClass<NetSocket>;
  createServer(options: {
    allowHalfOpen: boolean;
    pauseOnConnect: boolean;
  }): NetServer;
  connect(options: {
    host: string;
    port: number;
    allowHalfOpen: boolean;
  }): NetSocket;
}

interface NetServer {
  listen(options: {
    host: string;
    port: number;
    backlog: number;
    exclusive: boolean;
    reusePort?: boolean;
  }): void;
  address(): { address: string; port: number };
  close(): void;
  on(event: "listening", listener: () => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "connection", listener: (socket: NetSocket) => void): void;
}

interface NetSocket {
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly writableLength: number;
  readonly destroyed: boolean;
  write(bytes: Uint8Array, onWritten: (error?: Error | null) => void): boolean;
  end(): void;
  pause(): void;
  resume(): void;
  destroy(): void;
  resetAndDestroy(): void;
  setNoDelay(on: boolean): void;
  setKeepAlive(on: boolean): void;
  on(event: "connect" | "end" | "close", listener: () => void): void;
  on(event: "data", listener: (chunk: Uint8Array) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
}

interface NodeHost {
  readonly process: {
    getBuiltinModule(name: "node:net"): Net;
    readonly versions: { readonly node: string };
  };
}

const host = globalThis as unknown as NodeHost;

/** Not imported: the module can then be loaded where `node:net` is not, or is not needed. */
let net: Net | undefined;
function loadNet(): Net {
  return net ??= host.process.getBuiltinModule("node:net");
}

/** What Deno makes of some failures in its `node:net`: a code of another meaning, or a name and no code. */
const KINDS_OF_DENO: Record<string, FailureKind> = {
  EINVAL: "not-available",
  NotCapable: "denied",
};

function failureOf(error: Error & { code?: string }): SocketFailure {
  // Connecting to a name with several addresses gathers their errors.
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const code = first.code ?? first.name;
  const kind = kindOfCode(code) ?? KINDS_OF_DENO[code] ?? "other";
  return new SocketFailure(kind, first);
}

/** Of an error without a code Bun's listen gives no more than that: the name does not resolve, if it is one. */
function listenFailureOf(error: Error, hostname: string): SocketFailure {
  const failure = failureOf(error);
  const isLiteral = /^[\d.]+$|:/.test(hostname);
  return "code" in error || isLiteral || failure.kind !== "other"
    ? failure
    : new SocketFailure("name-not-found", error);
}

/** From a timer, Bun runs an immediate before it polls; Deno looks for events now and then only: see deno_fairness.ts. */
const TURNS_PER_POLL = "Deno" in globalThis ? 64 : 2;

class NodeSocket implements Socket {
  /** Read at once: messages name it, and a socket that was reset has forgotten it. */
  readonly remoteAddress: Address;
  #localAddress: Address | undefined;
  readonly #native: NetSocket;
  /** Where it reads into the buffer that all share. */
  readonly #handle: ReadHandle | undefined;
  #events: SocketEvents | undefined;
  #failure: SocketFailure | undefined;
  #isBorrowing = false;
  #isShutDown = false;
  #isClosed = false;
  #isPaused = false;
  /** Node tells of the end even while it is paused, if all bytes were read. */
  #isEndHeld = false;

  /** Of a connection on which nothing was read. */
  constructor(source: ReadHandle | NetSocket) {
    const isHandle = isReadHandle(source);
    const native = isHandle
      ? sharingSocket(loadNet().Socket, source, this.#onShared)
      : source;
    this.#native = native;
    this.#handle = isHandle ? source : undefined;
    this.remoteAddress = isHandle ? peerOf(source) : {
      hostname: native.remoteAddress ?? "",
      port: native.remotePort ?? 0,
    };
    native.on("error", (error) => this.#failure = failureOf(error));
  }

  get localAddress(): Address {
    return this.#localAddress ??= {
      hostname: this.#native.localAddress ?? "",
      port: this.#native.localPort ?? 0,
    };
  }

  start(events: SocketEvents): void {
    this.#events = events;
    const native = this.#native;
    if (this.#handle === undefined) {
      native.on("data", (chunk) => events.onData(chunk, chunk.length));
    }
    native.on("end", () => {
      if (this.#isPaused) this.#isEndHeld = true;
      else events.onEnd();
    });
    native.on("close", () => {
      this.#isClosed = true;
      events.onClose(this.#failure);
    });
    this.#readOn();
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    const native = this.#native;
    if (native.destroyed) return 0;
    const bytes = buffer.subarray(start, end);
    inNobodysContext(writeTo, native, bytes, this.#onWritten);
    if (native.writableLength === 0) return end - start;
    this.#isBorrowing = true;
    return BORROWED;
  }

  pause(): void {
    this.#isPaused = true;
    const handle = this.#handle;
    if (handle === undefined) return this.#native.pause();
    if (this.#native.destroyed || !handle.reading) return;
    handle.reading = false;
    handle.readStop();
  }

  resume(): void {
    this.#isPaused = false;
    inNobodysContext(this.#readOn);
    if (this.#isEndHeld) {
      inNobodysContext(queueMicrotask, () => this.#deliverEnd());
    }
  }

  shutdownWrite(): void {
    this.#isShutDown = true;
    inNobodysContext(() => this.#native.end());
  }

  destroy(): void {
    // libuv refuses to reset after a shutdown, and Node then never tells of the end.
    inNobodysContext(() =>
      this.#isShutDown ? this.#native.destroy() : this.#native.resetAndDestroy()
    );
  }

  setNoDelay(on: boolean): void {
    this.#native.setNoDelay(on);
  }

  setKeepAlive(on: boolean): void {
    this.#native.setKeepAlive(on);
  }

  /** Not by `resume` of Node, which has it read in the next tick even if it is paused by then. */
  readonly #readOn = (): void => {
    const handle = this.#handle;
    if (handle === undefined) return void this.#native.resume();
    if (this.#native.destroyed || handle.reading) return;
    handle.reading = true;
    if (handle.readStart() !== 0) this.#native.destroy();
  };

  #deliverEnd(): void {
    if (this.#isPaused || !this.#isEndHeld || this.#isClosed) return;
    this.#isEndHeld = false;
    this.#events?.onEnd();
  }

  readonly #onShared = (length: number, buffer: Uint8Array): void => {
    this.#events?.onData(buffer, length);
  };

  readonly #onWritten = (error?: Error | null): void => {
    const isOut = this.#native.writableLength === 0;
    if (!this.#isBorrowing || !isOut || error || this.#native.destroyed) return;
    this.#isBorrowing = false;
    this.#events?.onWritable();
  };
}

function writeTo(
  native: NetSocket,
  bytes: Uint8Array,
  onWritten: (error?: Error | null) => void,
): void {
  native.write(bytes, onWritten);
}

class NodeListener implements Listener {
  readonly address: Address;
  readonly #server: NetServer;

  constructor(server: NetServer) {
    const { address, port } = server.address();
    this.address = { hostname: address, port };
    this.#server = server;
  }

  /** Node goes on by itself. */
  resume(): void {}

  /** Node would wait for all connections before it calls back; the address is free at once. */
  close(): Promise<void> {
    this.#server.close();
    return Promise.resolve();
  }
}

function canReusePort(): boolean {
  if (!systemSharesPorts()) return false;
  const [major, minor] = (host.process?.versions?.node ?? "0.0").split(".");
  return Number(major) > 23 || (Number(major) === 23 && Number(minor) >= 1);
}

function listen(
  options: ListenOptions,
  events: ListenerEvents,
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = loadNet().createServer({
      allowHalfOpen: true,
      pauseOnConnect: true,
    });
    let listener: NodeListener | undefined;
    const accept = (source: ReadHandle | NetSocket) =>
      events.onAccept(new NodeSocket(source));
    server.on("listening", () => {
      acceptHandles(server, accept);
      resolve(listener = new NodeListener(server));
    });
    server.on("connection", accept);
    const { hostname, port, backlog, reusePort } = options;
    server.on("error", (error) => {
      if (listener === undefined) reject(listenFailureOf(error, hostname));
      else events.onAcceptError(whileAccepting(failureOf(error)));
    });
    server.listen({
      host: hostname,
      port,
      backlog,
      exclusive: true,
      ...(reusePort && { reusePort }),
    });
  });
}

function connect(address: Address, events: ConnectEvents): PendingConnect {
  const native = loadNet().connect({
    host: address.hostname,
    port: address.port,
    allowHalfOpen: true,
  });
  let isSettled = false;
  native.on("connect", () => {
    if (isSettled) return;
    isSettled = true;
    events.onConnect(new NodeSocket(takeHandle(native) ?? native));
  });
  native.on("error", (error) => {
    if (isSettled) return;
    isSettled = true;
    events.onConnectError(failureOf(error));
  });
  return {
    cancel() {
      if (isSettled) return;
      isSettled = true;
      native.destroy();
    },
  };
}

/** The sockets of Node. */
export const nodeAdapter: Adapter = {
  name: "node",
  borrowsWrites: true,
  reusesPorts: canReusePort(),
  now: () => performance.now(),
  wallNow: () => Date.now(),
  setTimer: (callback, delayMs) =>
    inNobodysContext(setTimeout, callback, Math.ceil(delayMs)),
  clearTimer: (timer) => clearTimeout(timer as number),
  endOfTurn,
  afterPoll: (callback) => afterTurns(TURNS_PER_POLL, callback),
  listen: (options, events) => inNobodysContext(listen, options, events),
  connect: (address, events) => inNobodysContext(connect, address, events),
};
