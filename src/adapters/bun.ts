/**
 * The sockets of Bun: `Bun.listen` and `Bun.connect`.
 *
 * @module
 */

import type { Adapter } from "../contract/adapter.ts";
import type { Address, ConnectAddress } from "../contract/address.ts";
import type { ConnectEvents, PendingConnect } from "../contract/connect.ts";
import type {
  AdapterListenOptions,
  Listener,
  ListenerEvents,
} from "../contract/listener.ts";
import { inNobodysContext } from "./async_context.ts";
import {
  type BunSocket,
  type ConnectWaiter,
  socketHandlers,
} from "./bun_socket.ts";
import { failureOf, failureTo } from "./failure_kinds.ts";
import {
  acceptedAt,
  type Asked,
  connectedTo,
  listenedAt,
} from "./host_addresses.ts";
import { attempt } from "./host_calls.ts";
import { hostParts } from "./host_parts.ts";
import { afterTurns } from "./immediates.ts";
import { listenBy } from "./listen_by.ts";
import { nodeAdapter } from "./node.ts";
import { systemSharesPorts } from "./host_system.ts";
import { isPipe, nativePath } from "./unix_paths.ts";

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
  readonly socket: typeof socketHandlers;
  /** The first `data` of every socket that opens. */
  readonly data: ConnectWaiter;
};

type BunListenOptions = (BunTarget | { readonly fd: number }) & {
  readonly allowHalfOpen: true;
  readonly socket: typeof socketHandlers;
  readonly data: ConnectWaiter;
  readonly exclusive: boolean;
  readonly reusePort: boolean;
};

interface BunListener {
  /** Fills `bound`, unless it is a Unix socket. (`hostname` is what was asked for.) */
  getsockname(bound: { address: string; port: number }): void;
  stop(closeAccepted: boolean): void;
}

const host = globalThis as unknown as BunHost;

/** What Bun calls `address`. */
function targetOf(address: ConnectAddress): BunTarget {
  return address.transport === "tcp"
    ? { hostname: address.hostname, port: address.port }
    : { unix: nativePath(address) };
}

class BoundListener implements Listener, ConnectWaiter {
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
      socket: socketHandlers,
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

  opened(connection: BunSocket): void {
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

class Attempt implements PendingConnect, ConnectWaiter {
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
        socket: socketHandlers,
        data: this,
      });
    } catch (error) {
      const failure = failureTo(this.#address, failureOf(error));
      // Bun may have thrown at once, inside the call that connects.
      queueMicrotask(() => this.#takeEvents()?.onConnectError(failure));
    }
  }

  opened(connection: BunSocket): void {
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
  ...hostParts,
  name: "bun",
  reusesPorts: systemSharesPorts,
  keepAliveTimes: ["idleMs"],

  loadTls: async () => (await import("./tls/bun_tls.ts")).bunTls,

  /**
   * Bun runs immediates after all sockets that one poll found ready, and polls
   * before the next ones; of two the first may come before it does.
   */
  afterPoll: (callback) => afterTurns(2, callback),

  listen: (options, events) =>
    isPipe(options.address) ? nodeAdapter.listen(options, events) : listenBy(
      options,
      (path) =>
        inNobodysContext(() => new BoundListener(options, events, path)),
    ),

  connect({ address }, events) {
    if (isPipe(address)) return nodeAdapter.connect({ address }, events);
    const connecting = new Attempt(address, events);
    inNobodysContext(() => connecting.connect());
    return connecting;
  },
};
