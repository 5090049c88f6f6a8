/**
 * Sockets on Deno: `Deno.listen`, `Deno.connect`, `conn.read`, `conn.write`.
 *
 * @module
 */

import type { Adapter } from "../contract/adapter.ts";
import type {
  Address,
  ConnectAddress,
  TcpAddress,
  UnixAddress,
} from "../contract/address.ts";
import type { ConnectEvents, PendingConnect } from "../contract/connect.ts";
import type {
  AdapterListenOptions,
  Listener,
  ListenerEvents,
} from "../contract/listener.ts";
import { inNobodysContext } from "./async_context.ts";
import { afterPoll, traffic } from "./deno_fairness.ts";
import { type Conn, DenoSocket } from "./deno_socket.ts";
import { failureOf, failureTo, whileAccepting } from "./failure_kinds.ts";
import {
  acceptedAt,
  type Asked,
  connectedTo,
  listenedAt,
} from "./host_addresses.ts";
import { attempt } from "./host_calls.ts";
import { hostParts } from "./host_parts.ts";
import { listenBy } from "./listen_by.ts";
import { lookUp } from "./name_lookup.ts";
import { nodeAdapter } from "./node.ts";
import { systemSharesPorts } from "./host_system.ts";
import { isPipe, nativePath } from "./unix_paths.ts";

/** What is used of a `Deno.Listener`. */
interface ConnListener {
  readonly addr: Address;
  accept(): Promise<Conn>;
  close(): void;
}

/** What is used of the global `Deno`. */
interface DenoNamespace {
  connect(options: ConnectAddress & { signal: AbortSignal }): Promise<Conn>;
  listen(
    options:
      | TcpAddress & { tcpBacklog: number; reusePort: boolean }
      | UnixAddress,
  ): ConnListener;
  listenDatagram?: unknown;
  readonly permissions: {
    querySync(permission: { name: "net" }): { readonly state: string };
  };
}

/** Nothing is read before a call, so any runtime can import this module. */
const host = globalThis as unknown as {
  readonly Deno: DenoNamespace;
};

class DenoListener implements Listener {
  readonly address: Address;
  /** What is known of the sockets that it accepts. */
  readonly #asked: Asked;
  readonly #native: ConnListener;
  readonly #events: ListenerEvents;
  #accepting = false;
  #closed = false;
  #onFree: (() => void) | undefined;

  /** A Unix socket may be bound at another `path` than that of its address. */
  constructor(
    address: ConnectAddress,
    { backlog, reusePort }: AdapterListenOptions,
    events: ListenerEvents,
    path?: string,
  ) {
    this.#asked = acceptedAt(address);
    this.#events = events;
    this.#native = host.Deno.listen(
      address.transport === "tcp"
        ? { ...address, tcpBacklog: backlog, reusePort }
        : { ...address, path: path ?? nativePath(address) },
    );
    try {
      const { addr } = this.#native;
      this.address = addr.transport === "tcp"
        ? listenedAt(addr, address)
        : address;
    } catch (cause) {
      this.close();
      throw cause;
    }
    inNobodysContext(queueMicrotask, () => this.resume());
  }

  resume(): void {
    if (this.#accepting || this.#closed) return;
    this.#accepting = true;
    try {
      this.#native.accept().then(this.#onAccept, this.#onAcceptFailed);
    } catch (cause) {
      queueMicrotask(() => this.#onAcceptFailed(cause));
    }
  }

  /** An accept that is under way holds the address until it has failed. */
  close(): Promise<void> {
    this.#closed = true;
    try {
      this.#native.close();
    } catch {
      return Promise.resolve(); // It is closed.
    }
    if (!this.#accepting) return Promise.resolve();
    return new Promise((resolve) => this.#onFree = resolve);
  }

  readonly #onAccept = (conn: Conn): void => {
    traffic.served++;
    this.#accepting = false;
    if (this.#closed) {
      attempt(() => conn.close());
      return this.#onFree?.();
    }
    this.#events.onAccept(new DenoSocket(conn, this.#asked));
    this.resume();
  };

  readonly #onAcceptFailed = (cause: unknown): void => {
    this.#accepting = false;
    if (this.#closed) return this.#onFree?.();
    this.#events.onAcceptError(whileAccepting(failureOf(cause)));
  };
}

class DenoConnect implements PendingConnect {
  readonly #address: ConnectAddress;
  readonly #events: ConnectEvents;
  readonly #abort = new AbortController();
  #cancelled = false;

  constructor(address: ConnectAddress, events: ConnectEvents) {
    this.#address = address;
    this.#events = events;
    traffic.open++;
    const { signal } = this.#abort;
    // A connect that succeeds just as it is aborted would be thrown away, still
    // open, by this check; without it the connection arrives and is closed.
    signal.throwIfAborted = () => {};
    try {
      const target = address.transport === "tcp"
        ? address
        : { ...address, path: nativePath(address) };
      host.Deno.connect({ ...target, signal })
        .then(this.#onConnect, this.#onConnectFailed);
    } catch (cause) {
      queueMicrotask(() => this.#onConnectFailed(cause));
    }
  }

  cancel(): void {
    this.#cancelled = true;
    this.#abort.abort();
  }

  readonly #onConnect = (conn: Conn): void => {
    this.#onDecided();
    if (this.#cancelled) attempt(() => conn.close());
    else {
      const asked = connectedTo(this.#address);
      this.#events.onConnect(new DenoSocket(conn, asked));
    }
  };

  readonly #onConnectFailed = (cause: unknown): void => {
    this.#onDecided();
    if (this.#cancelled) return;
    const failure = failureTo(this.#address, failureOf(cause));
    this.#events.onConnectError(failure);
  };

  #onDecided(): void {
    traffic.served++;
    traffic.open--;
  }
}

/** True if it is permitted to connect to any address, and not to some names only. */
function mayUseAddresses(): boolean {
  return host.Deno.permissions.querySync({ name: "net" }).state === "granted";
}

/**
 * Without `--unstable-net`, which brings `listenDatagram`, Deno ends the process
 * on `reusePort`. Its `node:net` shares ports without the flag, but accepts
 * nothing more after one error, and tells nobody.
 */
function sharesPorts(): boolean {
  return systemSharesPorts && typeof host.Deno.listenDatagram === "function";
}

/**
 * Sockets on Deno.
 *
 * @category Adapters
 */
export const denoAdapter: Adapter = {
  ...hostParts,
  name: "deno",

  get reusesPorts(): boolean {
    return sharesPorts();
  },

  loadTls: async () => (await import("./tls/node_tls.ts")).nodeTls,

  afterPoll,

  /** What may connect to a name by permission may not connect to the addresses of that name. */
  resolve(hostname, events) {
    if (mayUseAddresses()) lookUp(hostname, events);
    else inNobodysContext(queueMicrotask, () => events.onResolve([hostname]));
  },

  listen(options, events) {
    const { address } = options;
    // `Deno.listen` takes no socket that was handed over.
    return address.transport === "fd" || isPipe(address)
      ? nodeAdapter.listen(options, events)
      : listenBy(
        options,
        (path) => new DenoListener(address, options, events, path),
      );
  },

  connect: ({ address }, events) =>
    isPipe(address)
      ? nodeAdapter.connect({ address }, events)
      : inNobodysContext(() => new DenoConnect(address, events)),
};
