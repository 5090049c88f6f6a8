/**
 * The sockets of Bun: `Bun.listen` and `Bun.connect`.
 *
 * @module
 */

import {
  type Adapter,
  type Address,
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

/** What is used of Bun, so that no types of Bun are needed and any runtime can import this module. */
interface BunHost {
  readonly Bun: {
    listen(options: BunOptions & BunListenOptions): BunListener;
    connect(options: BunOptions): Promise<unknown>;
  };
  setImmediate(callback: () => void): unknown;
}

interface BunOptions {
  readonly hostname: string;
  readonly port: number;
  readonly allowHalfOpen: boolean;
  readonly socket: typeof handlers;
  readonly data: Opener;
}

interface BunListenOptions {
  readonly exclusive: boolean;
  readonly reusePort: boolean;
}

interface BunListener {
  readonly hostname: string;
  readonly port: number;
  stop(closeAccepted: boolean): void;
}

interface BunSocket {
  data: Opener | Connection;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  /** How much the kernel took, or -1 if the connection is gone. */
  write(buffer: Uint8Array, offset: number, length: number): number;
  pause(): void;
  resume(): void;
  shutdown(): void;
  terminate(): void;
  setNoDelay(on: boolean): void;
  setKeepAlive(on: boolean, initialDelayMs: number): void;
}

const host = globalThis as unknown as BunHost;

/** Whoever a new connection is for; it holds the place of the {@linkcode Connection} until then. */
interface Opener {
  opened(connection: Connection): void;
}

/** One set of handlers for all sockets. */
const handlers = {
  open(native: BunSocket): void {
    const opener = native.data as Opener;
    const connection = new Connection(native);
    native.data = connection;
    opener.opened(connection);
  },
  data(native: BunSocket, chunk: Uint8Array): void {
    const connection = native.data as Connection;
    // A reset makes Bun read even a paused socket: those bytes are lost with it.
    if (!connection.paused) connection.events.onData(chunk, chunk.length);
  },
  drain(native: BunSocket): void {
    (native.data as Connection).events.onWritable();
  },
  end(native: BunSocket): void {
    (native.data as Connection).ended();
  },
  close(native: BunSocket, error?: Error): void {
    (native.data as Connection).closed(error);
  },
  error(): void {
    // Without it Bun reports to the process what a handler throws; ours do not.
  },
};

/** The receiver of a socket that was never started, or is closed. */
const NOBODY: SocketEvents = {
  onData() {},
  onWritable() {},
  onEnd() {},
  onClose() {},
};

class Connection implements Socket {
  events = NOBODY;
  paused = false;
  readonly #native: BunSocket;
  #localAddress: Address | undefined;
  #remoteAddress: Address | undefined;
  #open = true;
  #finReceived = false;
  #finSent = false;
  #broken = false;

  constructor(native: BunSocket) {
    this.#native = native;
  }

  get localAddress(): Address {
    return this.#localAddress ??= {
      hostname: this.#native.localAddress ?? "",
      port: this.#native.localPort ?? 0,
    };
  }

  get remoteAddress(): Address {
    return this.#remoteAddress ??= {
      hostname: this.#native.remoteAddress ?? "",
      port: this.#native.remotePort ?? 0,
    };
  }

  start(events: SocketEvents): void {
    this.events = events;
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    const taken = this.#native.write(buffer, start, end - start);
    if (taken >= 0) return taken;
    this.#broken = true;
    // Paused, Bun would not close a socket whose write has met a reset.
    this.#native.resume();
    return 0;
  }

  pause(): void {
    this.paused = true;
    if (!this.#broken) this.#native.pause();
  }

  resume(): void {
    this.paused = false;
    this.#native.resume();
  }

  shutdownWrite(): void {
    this.#finSent = true;
    this.#native.shutdown();
  }

  destroy(): void {
    if (!this.#open) return;
    this.#open = false;
    // Bun calls `close` from inside.
    this.#native.terminate();
    queueMicrotask(() => this.#finish());
  }

  setNoDelay(on: boolean): void {
    this.#native.setNoDelay(on);
  }

  setKeepAlive(on: boolean): void {
    this.#native.setKeepAlive(on, 0);
  }

  ended(): void {
    // After a write that met a reset, and while paused, Bun takes the reset for a FIN.
    if (this.#broken || this.paused) return;
    this.#finReceived = true;
    this.events.onEnd();
  }

  closed(error: Error | undefined): void {
    if (!this.#open) return;
    this.#open = false;
    if (error !== undefined) {
      this.#finish(failure(error));
    } else if (this.#broken || !this.#finSent) {
      this.#finish(new SocketFailure("reset", "connection reset by peer"));
    } else {
      // The second FIN closes, and when it is the peer's there was no `end`.
      if (!this.#finReceived) this.events.onEnd();
      this.#finish();
    }
  }

  #finish(failure?: SocketFailure): void {
    const { events } = this;
    this.events = NOBODY;
    events.onClose(failure);
  }
}

class BoundListener implements Listener, Opener {
  readonly address: Address;
  readonly #events: ListenerEvents;
  readonly #native: BunListener;

  constructor(options: ListenOptions, events: ListenerEvents) {
    const { hostname, port, reusePort } = options;
    this.#events = events;
    this.#native = host.Bun.listen({
      hostname,
      port,
      reusePort,
      exclusive: !reusePort,
      allowHalfOpen: true,
      socket: handlers,
      data: this,
    });
    this.address = { hostname: this.#native.hostname, port: this.#native.port };
  }

  opened(connection: Connection): void {
    this.#events.onAccept(connection);
  }

  resume(): void {
    // Bun never stops to accept.
  }

  close(): void {
    this.#native.stop(false);
  }
}

class Attempt implements PendingConnect, Opener {
  #events: ConnectEvents | undefined;

  constructor(events: ConnectEvents) {
    this.#events = events;
  }

  async connect({ hostname, port }: Address): Promise<void> {
    try {
      await host.Bun.connect({
        hostname,
        port,
        allowHalfOpen: true,
        socket: handlers,
        data: this,
      });
    } catch (error) {
      this.#take()?.onConnectError(failure(error));
    }
  }

  opened(connection: Connection): void {
    const events = this.#take();
    if (events === undefined) connection.destroy();
    else events.onConnect(connection);
  }

  cancel(): void {
    this.#events = undefined;
  }

  #take(): ConnectEvents | undefined {
    const events = this.#events;
    this.#events = undefined;
    return events;
  }
}

const KINDS: Record<string, FailureKind | undefined> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "reset",
  EPIPE: "reset",
  ECONNABORTED: "reset",
  ENOTFOUND: "name-not-found",
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
};

function failure(error: unknown): SocketFailure {
  const { code } = error as { code?: string };
  // Bun gives no code when the name to listen at does not resolve.
  const kind = code === undefined ? "name-not-found" : KINDS[code] ?? "other";
  return new SocketFailure(kind, error);
}

/** {@linkcode Adapter} for Bun. */
export const bunAdapter: Adapter = {
  name: "bun",
  borrowsWrites: false,
  reusesPorts: true,

  now: () => performance.now(),

  setTimer: (callback, delayMs) => setTimeout(callback, Math.ceil(delayMs)),

  clearTimer: (timer) => clearTimeout(timer as number),

  endOfTurn(callback) {
    host.setImmediate(callback);
  },

  // deno-lint-ignore require-await
  async listen(options, events) {
    try {
      return new BoundListener(options, events);
    } catch (error) {
      throw failure(error);
    }
  },

  connect(address, events) {
    const attempt = new Attempt(events);
    attempt.connect(address);
    return attempt;
  },
};
