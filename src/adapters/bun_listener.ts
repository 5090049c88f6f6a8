import type { Address } from "../contract/address.ts";
import type {
  AdapterListenOptions,
  Listener,
  ListenerEvents,
} from "../contract/listener.ts";
import { bunHost, bunTarget, type NativeBunListener } from "./bun_host.ts";
import {
  type BunSocket,
  type ConnectWaiter,
  socketHandlers,
} from "./bun_socket.ts";
import { acceptedAt, type AddressHint, listenedAt } from "./host_addresses.ts";
import { attempt } from "./host_calls.ts";

/** A listener on Bun. */
export class BunListener implements Listener, ConnectWaiter {
  hint: AddressHint;
  readonly address: Address;
  readonly #native: NativeBunListener;
  readonly #events: ListenerEvents;

  /**
   * Bun ignores the backlog, and uses 512. For a Unix socket, `path` is where
   * to bind if that differs from the address.
   */
  constructor(
    { address, reusePort }: AdapterListenOptions,
    events: ListenerEvents,
    path?: string,
  ) {
    this.hint = acceptedAt(address);
    this.#events = events;
    this.#native = bunHost.Bun.listen({
      ...(path !== undefined
        ? { unix: path }
        : address.transport === "fd"
        ? { fd: address.fd }
        : bunTarget(address)),
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
      if (address.transport === "fd") this.hint = acceptedAt(this.address);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  opened(connection: BunSocket): void {
    this.#events.onAccept(connection);
  }

  /** Bun keeps accepting after an error, and does not report it. */
  resume(): void {}

  close(): Promise<void> {
    attempt(() => this.#native.stop(false));
    return Promise.resolve();
  }
}
