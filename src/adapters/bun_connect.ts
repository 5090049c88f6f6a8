import type { ConnectAddress } from "../contract/address.ts";
import type { ConnectEvents, PendingConnect } from "../contract/connect.ts";
import { bunHost, bunTarget } from "./bun_host.ts";
import {
  type BunSocket,
  type ConnectWaiter,
  socketHandlers,
} from "./bun_socket.ts";
import { failureOf, failureTo } from "./failure_kinds.ts";
import { type AddressHint, connectedTo } from "./host_addresses.ts";

/** A connect on Bun. */
export class BunConnect implements PendingConnect, ConnectWaiter {
  readonly #address: ConnectAddress;
  /** Undefined once an event was delivered, or the connect is cancelled. */
  #events: ConnectEvents | undefined;

  constructor(address: ConnectAddress, events: ConnectEvents) {
    this.#address = address;
    this.#events = events;
    void this.#begin();
  }

  get hint(): AddressHint {
    return connectedTo(this.#address);
  }

  opened(connection: BunSocket): void {
    const events = this.#takeEvents();
    if (events === undefined) connection.destroy();
    else events.onConnect(connection);
  }

  /** Bun cannot cancel a connect; the connection is closed when it opens. */
  cancel(): void {
    this.#events = undefined;
  }

  async #begin(): Promise<void> {
    try {
      await bunHost.Bun.connect({
        ...bunTarget(this.#address),
        allowHalfOpen: true,
        socket: socketHandlers,
        data: this,
      });
    } catch (error) {
      const failure = failureTo(this.#address, failureOf(error));
      // Bun may throw synchronously, and no event may fire inside this call.
      queueMicrotask(() => this.#takeEvents()?.onConnectError(failure));
    }
  }

  #takeEvents(): ConnectEvents | undefined {
    const events = this.#events;
    this.#events = undefined;
    return events;
  }
}
