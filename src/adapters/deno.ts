/**
 * Sockets on Deno: `Deno.listen`, `Deno.connect`, `conn.read`, `conn.write`.
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
  type PendingConnect,
  type Socket,
  type SocketEvents,
  SocketFailure,
} from "./adapter.ts";
import { type Reader, ReadRounds } from "./deno_fairness.ts";
import { nodeAdapter } from "./node.ts";
import { systemSharesPorts } from "./shared_ports.ts";

/** What is used of a `Deno.TcpConn`. */
interface Conn {
  readonly localAddr: Address;
  readonly remoteAddr: Address;
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  setNoDelay(on: boolean): void;
  setKeepAlive(on: boolean): void;
}

/** What is used of a `Deno.TcpListener`. */
interface ConnListener {
  readonly addr: Address;
  accept(): Promise<Conn>;
  close(): void;
}

/** What is used of the global `Deno`. */
interface DenoNamespace {
  connect(
    options: { hostname: string; port: number; signal: AbortSignal },
  ): Promise<Conn>;
  listen(
    options: {
      hostname: string;
      port: number;
      tcpBacklog: number;
      reusePort: boolean;
    },
  ): ConnListener;
  listenDatagram?: unknown;
}

/** Nothing is read before a call, so any runtime can import this module. */
const host = globalThis as unknown as {
  readonly Deno: DenoNamespace;
  setImmediate(callback: () => void): unknown;
};

const SMALLEST_BUFFER = 4 * 1024;
const LARGEST_BUFFER = 256 * 1024;
const BUFFER_FACTOR = 4;
/** Twice as much, so that a read does not fill the smaller buffer, which would grow again. */
const SHRINK_FACTOR = 2 * BUFFER_FACTOR;
/** Shrinking at once would allocate anew for every message of middle size. */
const SMALL_READS_TO_SHRINK = 16;

const KIND_BY_CODE: Readonly<Record<string, FailureKind>> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "reset",
  EPIPE: "reset",
  ENOTCONN: "reset",
  EADDRINUSE: "in-use",
  EADDRNOTAVAIL: "not-available",
  EACCES: "denied",
  EPERM: "denied",
  ENETUNREACH: "unreachable",
  EHOSTUNREACH: "unreachable",
  ETIMEDOUT: "timed-out",
  EMFILE: "exhausted",
  ENFILE: "exhausted",
  ENOBUFS: "exhausted",
  ENOMEM: "exhausted",
  ECONNABORTED: "transient",
};

/** For the errors that Deno itself makes, without a code. */
const KIND_BY_NAME: Readonly<Record<string, FailureKind>> = {
  ConnectionRefused: "refused",
  ConnectionReset: "reset",
  BrokenPipe: "reset",
  NotConnected: "reset",
  AddrInUse: "in-use",
  AddrNotAvailable: "not-available",
  NotCapable: "denied",
  PermissionDenied: "denied",
  NetworkUnreachable: "unreachable",
  TimedOut: "timed-out",
  ConnectionAborted: "transient",
};

function failureOf(cause: unknown): SocketFailure {
  const { code = "", name = "", message = "" } = cause as {
    code?: string;
    name?: string;
    message?: string;
  };
  const kind = KIND_BY_CODE[code] ?? KIND_BY_NAME[name] ??
    // A failed lookup carries neither.
    (message.startsWith("failed to lookup") ? "name-not-found" : "other");
  return new SocketFailure(kind, cause);
}

/** Deno's own has a transport, too, and no prototype. */
function addressOf({ hostname, port }: Address): Address {
  return { hostname, port };
}

const NO_BYTES = new Uint8Array(0);

const rounds = new ReadRounds();

class DenoSocket implements Socket, Reader {
  readonly #conn: Conn;
  #events: SocketEvents | undefined;
  #closed = false;

  #buffer: Uint8Array = new Uint8Array(SMALLEST_BUFFER);
  #smallReads = 0;
  /** From asking for bytes until they are delivered. */
  #reading = false;
  #paused = false;
  /** What a read brought while paused: bytes in the buffer, or null for FIN. */
  #held: number | null | undefined;
  #peerEnded = false;

  #output: Uint8Array = NO_BYTES;
  #weEnded = false;
  /** Why writing failed; reported when nothing is left to read. */
  #failure: SocketFailure | undefined;

  constructor(conn: Conn) {
    this.#conn = conn;
  }

  get localAddress(): Address {
    return addressOf(this.#conn.localAddr);
  }

  get remoteAddress(): Address {
    return addressOf(this.#conn.remoteAddr);
  }

  setNoDelay(on: boolean): void {
    if (!this.#closed) this.#conn.setNoDelay(on);
  }

  setKeepAlive(on: boolean): void {
    if (!this.#closed) this.#conn.setKeepAlive(on);
  }

  start(events: SocketEvents): void {
    this.#events = events;
    this.#readNext();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#held !== undefined) queueMicrotask(this.#deliverHeld);
    else this.#readNext();
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    if (this.#closed || this.#failure !== undefined) return 0;
    this.#send(buffer.subarray(start, end));
    return BORROWED;
  }

  shutdownWrite(): void {
    if (this.#closed || this.#failure !== undefined) return;
    this.#conn.closeWrite().then(this.#onShutdown, this.#onWriteFailed);
  }

  destroy(): void {
    if (this.#closed) return;
    this.#closeConn();
    queueMicrotask(() => this.#events?.onClose());
  }

  #readNext(): void {
    if (this.#reading || this.#peerEnded || this.#closed) return;
    this.#reading = true;
    rounds.join(this);
  }

  read(): void {
    if (this.#closed) return;
    if (this.#paused) {
      this.#reading = false;
      this.#closeIfFailed();
      return;
    }
    this.#conn.read(this.#buffer).then(this.#onRead, this.#onReadFailed);
  }

  readonly #onRead = (length: number | null): void => {
    if (this.#closed) return;
    if (!this.#paused) return this.#deliver(length);
    this.#held = length;
    this.#closeIfFailed();
  };

  readonly #onReadFailed = (cause: unknown): void => {
    if (!this.#closed) this.#close(this.#failure ?? failureOf(cause));
  };

  readonly #deliverHeld = (): void => {
    const held = this.#held;
    if (this.#paused || this.#closed || held === undefined) return;
    this.#held = undefined;
    this.#deliver(held);
  };

  #deliver(length: number | null): void {
    this.#reading = false;
    if (length === null) return this.#onFin();
    this.#events!.onData(this.#buffer, length);
    if (this.#closed) return;
    this.#fitBuffer(length);
    if (this.#paused) this.#closeIfFailed();
    else this.#readNext();
  }

  #onFin(): void {
    this.#peerEnded = true;
    if (this.#closeIfFailed()) return;
    this.#events!.onEnd();
    if (this.#weEnded && !this.#closed) this.#close();
  }

  #fitBuffer(lastLength: number): void {
    const size = this.#buffer.length;
    if (size === 0) { // a handler has transferred it away
      this.#resizeBuffer(SMALLEST_BUFFER);
    } else if (lastLength === size) {
      if (size < LARGEST_BUFFER) this.#resizeBuffer(size * BUFFER_FACTOR);
    } else if (
      lastLength * SHRINK_FACTOR > size || size === SMALLEST_BUFFER
    ) {
      this.#smallReads = 0;
    } else if (++this.#smallReads === SMALL_READS_TO_SHRINK) {
      this.#resizeBuffer(size / BUFFER_FACTOR);
    }
  }

  #resizeBuffer(size: number): void {
    this.#buffer = new Uint8Array(size);
    this.#smallReads = 0;
  }

  #send(bytes: Uint8Array): void {
    this.#output = bytes;
    this.#conn.write(bytes).then(this.#onWritten, this.#onWriteFailed);
  }

  readonly #onWritten = (count: number): void => {
    if (this.#closed) return;
    if (count < this.#output.length) {
      return this.#send(this.#output.subarray(count));
    }
    this.#output = NO_BYTES;
    this.#events!.onWritable();
  };

  readonly #onShutdown = (): void => {
    this.#weEnded = true;
    if (this.#peerEnded && !this.#closed) this.#close();
  };

  readonly #onWriteFailed = (cause: unknown): void => {
    if (this.#closed) return;
    this.#failure = failureOf(cause);
    // Otherwise reading goes on, to what the peer sent before, and then closes.
    if (!this.#reading || this.#paused) this.#close(this.#failure);
  };

  #closeIfFailed(): boolean {
    if (this.#failure === undefined) return false;
    this.#close(this.#failure);
    return true;
  }

  #close(failure?: SocketFailure): void {
    this.#closeConn();
    this.#events!.onClose(failure);
  }

  /** Once: it throws the second time. A pending read or write fails by it. */
  #closeConn(): void {
    this.#closed = true;
    this.#conn.close();
  }
}

class DenoListener implements Listener {
  readonly #listener: ConnListener;
  readonly #events: ListenerEvents;
  #accepting = false;
  #closed = false;
  #onFree: (() => void) | undefined;

  constructor(listener: ConnListener, events: ListenerEvents) {
    this.#listener = listener;
    this.#events = events;
  }

  get address(): Address {
    return addressOf(this.#listener.addr);
  }

  resume(): void {
    if (this.#accepting || this.#closed) return;
    this.#accepting = true;
    this.#listener.accept().then(this.#onAccept, this.#onAcceptFailed);
  }

  /** An accept that is under way holds the address until it has failed. */
  close(): Promise<void> {
    this.#closed = true;
    this.#listener.close();
    if (!this.#accepting) return Promise.resolve();
    return new Promise((resolve) => this.#onFree = resolve);
  }

  readonly #onAccept = (conn: Conn): void => {
    this.#accepting = false;
    if (this.#closed) {
      conn.close();
      return this.#onFree?.();
    }
    this.#events.onAccept(new DenoSocket(conn));
    this.resume();
  };

  readonly #onAcceptFailed = (cause: unknown): void => {
    this.#accepting = false;
    if (this.#closed) return this.#onFree?.();
    const failure = failureOf(cause);
    this.#events.onAcceptError(
      failure.kind === "reset"
        ? new SocketFailure("transient", cause)
        : failure,
    );
  };
}

class DenoConnect implements PendingConnect {
  readonly #events: ConnectEvents;
  readonly #abort = new AbortController();
  #cancelled = false;

  constructor(address: Address, events: ConnectEvents) {
    this.#events = events;
    // A connect that succeeds just as it is aborted would be thrown away, still
    // open, by this check; without it the connection arrives and is closed.
    this.#abort.signal.throwIfAborted = () => {};
    host.Deno.connect({
      hostname: address.hostname,
      port: address.port,
      signal: this.#abort.signal,
    }).then(this.#onConnect, this.#onConnectFailed);
  }

  cancel(): void {
    this.#cancelled = true;
    this.#abort.abort();
  }

  readonly #onConnect = (conn: Conn): void => {
    if (this.#cancelled) conn.close();
    else this.#events.onConnect(new DenoSocket(conn));
  };

  readonly #onConnectFailed = (cause: unknown): void => {
    if (!this.#cancelled) this.#events.onConnectError(failureOf(cause));
  };
}

/** Without `--unstable-net`, which brings `listenDatagram`, Deno ends the process on `reusePort`. Its `node:net` needs no flag. */
function sharesPortsItself(): boolean {
  return typeof host.Deno.listenDatagram === "function";
}

/** Sockets on Deno. */
export const denoAdapter: Adapter = {
  name: "deno",
  borrowsWrites: true,

  get reusesPorts(): boolean {
    return systemSharesPorts();
  },

  now: () => performance.now(),

  wallNow: () => Date.now(),

  setTimer: (callback, delayMs) => setTimeout(callback, Math.ceil(delayMs)),

  clearTimer: (timer) => clearTimeout(timer as number),

  endOfTurn: (callback) => void host.setImmediate(callback),

  // deno-lint-ignore require-await -- what listen throws becomes a rejection
  async listen(options, events) {
    if (options.reusePort && !sharesPortsItself()) {
      return nodeAdapter.listen(options, events);
    }
    try {
      const listener = new DenoListener(
        host.Deno.listen({
          hostname: options.hostname,
          port: options.port,
          tcpBacklog: options.backlog,
          reusePort: options.reusePort,
        }),
        events,
      );
      queueMicrotask(() => listener.resume());
      return listener;
    } catch (cause) {
      throw failureOf(cause);
    }
  },

  connect: (address, events) => new DenoConnect(address, events),
};
