import type { Address } from "../contract/address.ts";
import type {
  AdapterListenOptions,
  Listener,
  ListenerEvents,
} from "../contract/listener.ts";
import { failureOf, whileAccepting } from "./failure_kinds.ts";
import { acceptedAt, listenedAt } from "./host_addresses.ts";
import { attempt } from "./host_calls.ts";
import type { SocketHandle } from "./node_handles.ts";
import { keepAccepting } from "./node_keep_accepting.ts";
import {
  loadNet,
  type NetListenTarget,
  type NetServer,
  type NetSocket,
} from "./node_net.ts";
import { acceptHandles } from "./node_reads.ts";
import { NodeSocket, socketOf } from "./node_socket.ts";

/** A listener on Node. */
class NodeListener implements Listener {
  readonly address: Address;
  readonly #native: NetServer;
  readonly #stopKeeping: () => void;

  /** `native` must be listening. */
  constructor(native: NetServer, requested: Address, backlog: number) {
    const bound = native.address();
    this.address = typeof bound === "string"
      ? requested
      : listenedAt({ hostname: bound?.address, port: bound?.port }, requested);
    this.#native = native;
    this.#stopKeeping = keepAccepting(native, backlog);
  }

  /** Node keeps accepting after an error. */
  resume(): void {}

  /**
   * The address is free at once. The callback of `native.close` would come only
   * after all connections have closed.
   */
  close(): Promise<void> {
    this.#stopKeeping();
    attempt(() => this.#native.close());
    return Promise.resolve();
  }
}

/**
 * Listens at `target`, whose path may differ from that of the address. Rejects
 * with an error of Node.
 */
export function listenAt(
  target: NetListenTarget,
  { address, backlog, reusePort }: AdapterListenOptions,
  events: ListenerEvents,
): Promise<Listener> {
  let hint = acceptedAt(address);
  return new Promise<Listener>((resolve, reject) => {
    const native = loadNet().createServer({
      allowHalfOpen: true,
      pauseOnConnect: true,
    });
    let isListening = false;
    const accept = (source: SocketHandle | NetSocket) => {
      const socket = socketOf(source, hint);
      if (socket instanceof NodeSocket) events.onAccept(socket);
      else events.onAcceptError(whileAccepting(socket));
    };
    native.on("listening", () => {
      try {
        acceptHandles(native, accept);
        const listener = new NodeListener(native, address, backlog);
        if (address.transport === "fd") hint = acceptedAt(listener.address);
        resolve(listener);
        isListening = true;
      } catch (error) {
        attempt(() => native.close());
        reject(error);
      }
    });
    native.on("connection", accept);
    native.on("error", (error) => {
      if (!isListening) reject(error);
      else events.onAcceptError(whileAccepting(failureOf(error)));
    });
    native.listen({
      ...target,
      backlog,
      exclusive: true,
      ...(reusePort && { reusePort }),
    });
  });
}
