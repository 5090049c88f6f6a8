import type { ConnectAddress } from "../contract/address.ts";
import type { ConnectEvents, PendingConnect } from "../contract/connect.ts";
import type { SocketFailure } from "../contract/failure.ts";
import { failureOf, failureTo } from "./failure_kinds.ts";
import { connectedTo } from "./host_addresses.ts";
import { attempt } from "./host_calls.ts";
import { loadNet, type NetSocket, netTarget } from "./node_net.ts";
import { takeHandle } from "./node_reads.ts";
import { NodeSocket, socketOf } from "./node_socket.ts";

/** A connect on Node. */
export class NodeConnect implements PendingConnect {
  readonly #address: ConnectAddress;
  /** Undefined once an event was delivered, or the connect is cancelled. */
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
        ...netTarget(this.#address),
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
    const hint = connectedTo(this.#address);
    const socket = socketOf(takeHandle(native) ?? native, hint);
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
