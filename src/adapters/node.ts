/**
 * The sockets of Node: `node:net`, which Deno and Bun have as well.
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
import type { KeepAliveTimes } from "../contract/socket.ts";
import type { SocketFailure } from "../contract/failure.ts";
import { inNobodysContext } from "./async_context.ts";
import { failureOf, failureTo, whileAccepting } from "./failure_kinds.ts";
import { acceptedAt, connectedTo, listenedAt } from "./host_addresses.ts";
import { attempt } from "./host_calls.ts";
import { hostParts } from "./host_parts.ts";
import { afterTurns } from "./immediates.ts";
import { listenBy } from "./listen_by.ts";
import type { SocketHandle } from "./node_handles.ts";
import {
  type ListenTarget,
  loadNet,
  type NetServer,
  type NetSocket,
  type NetTarget,
} from "./node_net.ts";
import { keepAccepting } from "./keep_accepting.ts";
import { acceptHandles, takeHandle } from "./node_reads.ts";
import { NodeSocket, socketOf } from "./node_socket.ts";
import { systemSharesPorts } from "./host_system.ts";
import { nativePath } from "./unix_paths.ts";

interface NodeHost {
  readonly process?: { readonly versions?: { readonly node?: string } };
}

const host = globalThis as unknown as NodeHost;

/** From a timer, Bun runs an immediate before it polls; Deno looks for events now and then only: see deno_fairness.ts. */
const TURNS_PER_POLL = "Deno" in globalThis ? 64 : 2;

const ALL_TIMES: readonly (keyof KeepAliveTimes)[] = [
  "idleMs",
  "intervalMs",
  "count",
];

class NodeListener implements Listener {
  readonly address: Address;
  readonly #server: NetServer;
  readonly #stopKeeping: () => void;

  /** Of a `server` that listens. */
  constructor(server: NetServer, asked: Address, backlog: number) {
    const bound = server.address();
    this.address = typeof bound === "string"
      ? asked
      : listenedAt({ hostname: bound?.address, port: bound?.port }, asked);
    this.#server = server;
    this.#stopKeeping = keepAccepting(server, backlog);
  }

  /** Node goes on by itself. */
  resume(): void {}

  /** Node would wait for all connections before it calls back; the address is free at once. */
  close(): Promise<void> {
    this.#stopKeeping();
    attempt(() => this.#server.close());
    return Promise.resolve();
  }
}

function canReusePort(): boolean {
  if (!systemSharesPorts) return false;
  const [major, minor] = (host.process?.versions?.node ?? "0.0").split(".");
  return Number(major) > 23 || (Number(major) === 23 && Number(minor) >= 1);
}

function listenTarget(address: Address): ListenTarget {
  return address.transport === "fd" ? { fd: address.fd } : targetOf(address);
}

/** What `node:net` calls `address`. */
function targetOf(address: ConnectAddress): NetTarget {
  return address.transport === "tcp"
    ? { host: address.hostname, port: address.port }
    : { path: nativePath(address) };
}

/** Listens at `target`, which may be another path than that of the address. Rejects with an error of Node. */
function bind(
  { address, backlog, reusePort }: AdapterListenOptions,
  target: ListenTarget,
  events: ListenerEvents,
): Promise<Listener> {
  let asked = acceptedAt(address);
  return new Promise<Listener>((resolve, reject) => {
    const server = loadNet().createServer({
      allowHalfOpen: true,
      pauseOnConnect: true,
    });
    let isListening = false;
    const accept = (source: SocketHandle | NetSocket) => {
      const socket = socketOf(source, asked);
      if (socket instanceof NodeSocket) events.onAccept(socket);
      else events.onAcceptError(whileAccepting(socket));
    };
    server.on("listening", () => {
      try {
        acceptHandles(server, accept);
        const listener = new NodeListener(server, address, backlog);
        if (address.transport === "fd") asked = acceptedAt(listener.address);
        resolve(listener);
        isListening = true;
      } catch (error) {
        attempt(() => server.close());
        reject(error);
      }
    });
    server.on("connection", accept);
    server.on("error", (error) => {
      if (!isListening) reject(error);
      else events.onAcceptError(whileAccepting(failureOf(error)));
    });
    server.listen({
      ...target,
      backlog,
      exclusive: true,
      ...(reusePort && { reusePort }),
    });
  });
}

class NodeConnect implements PendingConnect {
  readonly #address: ConnectAddress;
  /** Undefined once they were told, or the connect is cancelled. */
  #events: ConnectEvents | undefined;
  #native: NetSocket | undefined;

  constructor(address: ConnectAddress, events: ConnectEvents) {
    this.#address = address;
    this.#events = events;
    this.#begin();
  }

  cancel(): void {
    if (this.#takeEvents() !== undefined) this.#destroy();
  }

  #begin(): void {
    try {
      const native = loadNet().connect({
        ...targetOf(this.#address),
        allowHalfOpen: true,
      });
      this.#native = native;
      native.on("connect", () => this.#onConnected(native));
      native.on("error", (error) => this.#onFailed(failureOf(error)));
    } catch (error) {
      queueMicrotask(() => this.#onFailed(failureOf(error)));
    }
  }

  #onConnected(native: NetSocket): void {
    const asked = connectedTo(this.#address);
    const socket = socketOf(takeHandle(native) ?? native, asked);
    if (!(socket instanceof NodeSocket)) return this.#onFailed(socket);
    const events = this.#takeEvents();
    if (events === undefined) socket.destroy();
    else events.onConnect(socket);
  }

  #onFailed(failure: SocketFailure): void {
    this.#destroy();
    this.#takeEvents()?.onConnectError(failureTo(this.#address, failure));
  }

  #destroy(): void {
    attempt(() => this.#native?.destroy());
  }

  #takeEvents(): ConnectEvents | undefined {
    const events = this.#events;
    this.#events = undefined;
    return events;
  }
}

/**
 * The sockets of Node.
 *
 * @category Adapters
 */
export const nodeAdapter: Adapter = {
  ...hostParts,
  name: "node",
  reusesPorts: canReusePort(),

  get keepAliveTimes(): readonly (keyof KeepAliveTimes)[] {
    const { setKeepAlive } = loadNet().Socket.prototype;
    return setKeepAlive.length < ALL_TIMES.length + 1 ? ["idleMs"] : ALL_TIMES;
  },

  loadTls: async () => (await import("./tls/node_tls.ts")).nodeTls,

  afterPoll: (callback) => afterTurns(TURNS_PER_POLL, callback),

  listen: (options, events) =>
    listenBy(options, (path) => {
      const target = path === undefined
        ? listenTarget(options.address)
        : { path };
      return inNobodysContext(bind, options, target, events);
    }),

  connect: ({ address }, events) =>
    inNobodysContext(() => new NodeConnect(address, events)),
};
