/**
 * The sockets of Bun: `Bun.listen` and `Bun.connect`.
 *
 * @module
 */

import type { Adapter } from "../contract/adapter.ts";
import type {
  Address,
  ConnectAddress,
  SocketAddress,
} from "../contract/address.ts";
import type { ConnectEvents, PendingConnect } from "../contract/connect.ts";
import type { KeepAliveTimes, SocketEvents } from "../contract/socket.ts";
import type {
  AdapterListenOptions,
  Listener,
  ListenerEvents,
} from "../contract/listener.ts";
import { SocketFailure } from "../contract/failure.ts";
import { inNobodysContext } from "./async_context.ts";
import type { BunPlainSocket, BunUpgrade } from "./tls/bun_tls_types.ts";
import { failureOf, failureOn, failureTo } from "./failure_kinds.ts";
import { systemTransports } from "./handed_over.ts";
import { attempt } from "./host_calls.ts";
import { hostChannel } from "./diagnostics.ts";
import { hostClock } from "./host_clock.ts";
import { hostEnvironment } from "./host_environment.ts";
import { hostSignals } from "./host_signals.ts";
import { afterTurns, endOfTurn } from "./immediates.ts";
import { lookUp } from "./name_lookup.ts";
import { systemSharesPorts } from "./shared_ports.ts";
import {
  acceptedAt,
  askAddress,
  type Asked,
  connectedTo,
  listenedAt,
} from "./host_addresses.ts";
import { nodeAdapter } from "./node.ts";
import { listenAtFile } from "./listen_at_file.ts";
import { isFile, isPipe, nativePath, systemUnixPaths } from "./unix_paths.ts";

/** What is used of the host. Nothing is touched before a call, so any runtime can import this module. */
interface BunHost {
  readonly Bun: {
    listen(options: BunListenOptions): BunListener;
    connect(options: BunSocketOptions): Promise<unknown>;
  };
}

type BunTarget =
  | { readonly hostname: string; readonly port: number }
  | { readonly unix: string };

type BunSocketOptions = BunTarget & {
  /** False, the default, cuts a reply short when the peer sends FIN. */
  readonly allowHalfOpen: true;
  readonly socket: typeof handlers;
  /** The first `data` of every socket that opens. */
  readonly data: Opener;
};

type BunListenOptions = (BunTarget | { readonly fd: number }) & {
  readonly allowHalfOpen: true;
  readonly socket: typeof handlers;
  readonly data: Opener;
  readonly exclusive: boolean;
  readonly reusePort: boolean;
};

interface BunListener {
  /** Fills `bound`, unless it is a Unix socket. (`hostname` is what was asked for.) */
  getsockname(bound: { address: string; port: number }): void;
  stop(closeAccepted: boolean): void;
}

interface BunSocket {
  data: unknown;
  /** The addresses are undefined once the socket is closed. */
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  /** Returns how much the kernel took, or -1 if the connection is gone. */
  write(buffer: Uint8Array, offset: number, length: number): number;
  pause(): void;
  resume(): void;
  /** Sends FIN. (`end` may discard bytes that the kernel took.) */
  shutdown(): void;
  /** Closes, and calls `close` from inside; what the kernel took still goes out. */
  close(): void;
  /** Resets, and calls `close` from inside. */
  terminate(): void;
  setNoDelay(on: boolean): void;
  setKeepAlive(on: boolean, initialDelayMs: number): void;
}

interface UpgradableSocket {
  upgradeTLS(options: BunUpgrade): unknown;
}

interface OpenSocket extends BunSocket {
  data: ConnectedSocket;
}

const host = globalThis as unknown as BunHost;

/** Whoever waits for a connection. */
interface Opener {
  /** What is known of the sockets that it waits for. */
  readonly asked: Asked;
  opened(connection: ConnectedSocket): void;
}

/** What Bun calls `address`. */
function targetOf(address: ConnectAddress): BunTarget {
  return address.transport === "tcp"
    ? { hostname: address.hostname, port: address.port }
    : { unix: nativePath(address) };
}

/** One set of handlers for all sockets. */
const handlers = {
  binaryType: "uint8array",

  open(native: BunSocket): void {
    const opener = native.data as Opener;
    const connection = new ConnectedSocket(native, opener.asked);
    native.data = connection;
    opener.opened(connection);
  },

  data({ data: connection }: OpenSocket, chunk: Uint8Array): void {
    // A reset makes Bun read a paused socket, too; those bytes are lost with the connection.
    if (!connection.paused) connection.events.onData(chunk, chunk.length);
  },

  drain({ data: connection }: OpenSocket): void {
    connection.events.onWritable();
  },

  end({ data: connection }: OpenSocket): void {
    connection.ended();
  },

  close({ data: connection }: OpenSocket, error?: Error): void {
    connection.closed(error);
  },
};

const NO_BYTES = new Uint8Array(0);

/** Receives the events of a socket that is not started. */
const NOBODY: SocketEvents = {
  readBuffer: () => NO_BYTES,
  onData() {},
  onWritable() {},
  onEnd() {},
  onClose() {},
};

class ConnectedSocket implements BunPlainSocket {
  events = NOBODY;
  paused = false;
  readonly #native: BunSocket;
  /** What its listener was asked to listen on, or the connect to connect to. */
  readonly #asked: Asked;
  /** Read at once: messages name it, and a socket that was reset has forgotten it. */
  readonly remoteAddress: SocketAddress;
  #localAddress: SocketAddress | undefined;
  /** Bun sets it on every socket. */
  #noDelay = true;
  #isClosed = false;
  #finReceived = false;
  #finSent = false;
  /** A write has met a reset. */
  #isBroken = false;

  constructor(native: BunSocket, asked: Asked) {
    this.#native = native;
    this.#asked = asked;
    this.remoteAddress = askAddress(
      () => ({
        hostname: native.remoteAddress,
        port: native.remotePort,
      }),
      asked,
      "remote",
    );
  }

  get localAddress(): SocketAddress {
    return this.#localAddress ??= askAddress(
      () => ({
        hostname: this.#native.localAddress,
        port: this.#native.localPort,
      }),
      this.#asked,
      "local",
    );
  }

  get borrowsWrites(): boolean {
    return false;
  }

  start(events: SocketEvents): void {
    this.events = events;
  }

  upgrade(options: BunUpgrade): unknown {
    return (this.#native as BunSocket & UpgradableSocket).upgradeTLS(options);
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    try {
      const taken = this.#native.write(buffer, start, end - start);
      if (taken >= 0) return taken;
      this.#isBroken = true;
      // The write took the error out of the kernel: a paused socket would never hear of it.
      this.#native.resume();
    } catch (error) {
      this.#abandon(error);
    }
    return 0;
  }

  pause(): void {
    this.paused = true;
    if (this.#isBroken) return;
    try {
      this.#native.pause();
    } catch (error) {
      this.#abandon(error);
    }
  }

  resume(): void {
    this.paused = false;
    try {
      this.#native.resume();
    } catch (error) {
      this.#abandon(error);
    }
  }

  shutdownWrite(): void {
    this.#finSent = true;
    try {
      this.#native.shutdown();
    } catch (error) {
      return this.#abandon(error);
    }
    this.#closeIfDone();
  }

  destroy(): void {
    this.#terminate();
  }

  setNoDelay(on: boolean): void {
    if (on === this.#noDelay) return;
    this.#noDelay = on;
    attempt(() => this.#native.setNoDelay(on));
  }

  /** Bun has it probe every second, ten times. */
  setKeepAlive(times: KeepAliveTimes | undefined): void {
    const isOn = times !== undefined;
    attempt(() => this.#native.setKeepAlive(isOn, times?.idleMs ?? 0));
  }

  ended(): void {
    // Where the error was taken by a write, or reading is paused, the end is a reset.
    if (this.#isBroken || this.paused) return;
    this.#finReceived = true;
    this.events.onEnd();
    this.#closeIfDone();
  }

  closed(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (error !== undefined) {
      this.events.onClose(failureOf(error));
    } else if (this.#isBroken || !this.#finSent) {
      this.events.onClose(new SocketFailure("reset", "connection reset"));
    } else {
      // A FIN that answers ours closes without `end`.
      if (!this.#finReceived) this.events.onEnd();
      this.events.onClose();
    }
  }

  /** Both FINs have passed, which Bun on Windows and macOS does not notice if ours was the last. */
  #closeIfDone(): void {
    if (!this.#finSent || !this.#finReceived) return;
    inNobodysContext(queueMicrotask, () => {
      if (!this.#isClosed) attempt(() => this.#native.close());
      this.closed(undefined);
    });
  }

  /** A call of the host threw `error`: nothing is to be expected of it any more. */
  #abandon(error: unknown): void {
    this.#terminate(failureOf(error));
  }

  #terminate(failure?: SocketFailure): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    attempt(() => this.#native.terminate());
    inNobodysContext(queueMicrotask, () => this.events.onClose(failure));
  }
}

class BoundListener implements Listener, Opener {
  asked: Asked;
  readonly address: Address;
  readonly #events: ListenerEvents;
  readonly #native: BunListener;

  /** The backlog cannot be had: it is 512. A Unix socket may be bound at another `path` than that of its address. */
  constructor(
    { address, reusePort }: AdapterListenOptions,
    events: ListenerEvents,
    path?: string,
  ) {
    this.asked = acceptedAt(address);
    this.#events = events;
    this.#native = host.Bun.listen({
      ...(path !== undefined
        ? { unix: path }
        : address.transport === "fd"
        ? { fd: address.fd }
        : targetOf(address)),
      reusePort,
      exclusive: !reusePort,
      allowHalfOpen: true,
      socket: handlers,
      data: this,
    });
    if (address.transport === "unix") {
      this.address = address;
      return;
    }
    try {
      const bound = { address: "", port: 0 };
      this.#native.getsockname(bound);
      const { address: hostname, port } = bound;
      this.address = listenedAt({ hostname, port }, address);
      if (address.transport === "fd") this.asked = acceptedAt(this.address);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  opened(connection: ConnectedSocket): void {
    this.#events.onAccept(connection);
  }

  resume(): void {
    // Bun goes on by itself, and tells nobody when it cannot accept.
  }

  close(): Promise<void> {
    attempt(() => this.#native.stop(false));
    return Promise.resolve();
  }
}

class Attempt implements PendingConnect, Opener {
  readonly #address: ConnectAddress;
  /** Undefined once they were told, or the attempt is cancelled. */
  #events: ConnectEvents | undefined;

  constructor(address: ConnectAddress, events: ConnectEvents) {
    this.#address = address;
    this.#events = events;
  }

  get asked(): Asked {
    return connectedTo(this.#address);
  }

  async connect(): Promise<void> {
    try {
      await host.Bun.connect({
        ...targetOf(this.#address),
        allowHalfOpen: true,
        socket: handlers,
        data: this,
      });
    } catch (error) {
      const failure = failureTo(this.#address, failureOf(error));
      // Bun may have thrown at once, inside the call that connects.
      queueMicrotask(() => this.#takeEvents()?.onConnectError(failure));
    }
  }

  opened(connection: ConnectedSocket): void {
    const events = this.#takeEvents();
    if (events === undefined) connection.destroy();
    else events.onConnect(connection);
  }

  /** Bun cannot abandon a connect: what is cancelled is closed when it opens. */
  cancel(): void {
    this.#events = undefined;
  }

  #takeEvents(): ConnectEvents | undefined {
    const events = this.#events;
    this.#events = undefined;
    return events;
  }
}

/**
 * The adapter for Bun.
 *
 * @category Adapters
 */
export const bunAdapter: Adapter = {
  name: "bun",
  transports: systemTransports(),
  unixPaths: systemUnixPaths(),
  reusesPorts: systemSharesPorts(),
  keepAliveTimes: ["idleMs"],

  clock: hostClock,

  random: Math.random,

  diagnostics: hostChannel,

  loadTls: async () => (await import("./tls/bun_tls.ts")).bunTls,

  signals: hostSignals,

  environment: hostEnvironment,

  /** Bun runs immediates after all sockets that one poll found ready, and polls before the next ones. */
  endOfTurn,

  /** Of two immediates the first may come before Bun polls. */
  afterPoll: (callback) => afterTurns(2, callback),

  resolve: lookUp,

  async listen(options, events) {
    const { address, mode } = options;
    const bind = (path?: string) =>
      inNobodysContext(() => new BoundListener(options, events, path));
    if (address.transport === "unix") {
      if (isPipe(address)) return await nodeAdapter.listen(options, events);
      if (isFile(address)) {
        return await listenAtFile(
          address,
          mode,
          (path) => Promise.resolve(bind(path)),
        );
      }
    }
    try {
      return bind();
    } catch (error) {
      throw failureOn(address, failureOf(error));
    }
  },

  connect({ address }, events) {
    if (address.transport === "unix" && isPipe(address)) {
      return nodeAdapter.connect({ address }, events);
    }
    const connecting = new Attempt(address, events);
    inNobodysContext(() => connecting.connect());
    return connecting;
  },
};
