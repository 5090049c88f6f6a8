import type {
  Address,
  Listener,
  ListenerEvents,
} from "../../adapters/adapter.ts";
import type { Port } from "../port.ts";
import {
  Kind,
  type MessageToAcceptor,
  type MessageToWorker,
  type Opening,
} from "./protocol.ts";
import { RelayedSocket } from "./relayed_socket.ts";

/**
 * A listener whose connections are accepted by an `Acceptor`, in the thread at
 * the other end of `port`, on `address`. Events come only after the call. The
 * listener takes hold of the port; the acceptor closes it.
 */
export function relayedListener(
  port: Port,
  address: Address,
  events: ListenerEvents,
): Listener {
  return new RelayedListener(port, address, events);
}

class RelayedListener implements Listener {
  readonly address: Address;
  readonly #port: Port;
  /** Undefined once it is closed. */
  #events: ListenerEvents | undefined;
  readonly #sockets = new Map<number, RelayedSocket>();
  #isRetired = false;
  #onRetired: (() => void) | undefined = undefined;

  constructor(port: Port, address: Address, events: ListenerEvents) {
    this.#port = port;
    this.address = address;
    this.#events = events;
    port.on("message", (message) => this.#receive(message as never));
  }

  /** The acceptor goes on by itself. */
  resume(): void {}

  /** Resolves when the acceptor sends no more connections. */
  close(): Promise<void> {
    this.#events = undefined;
    if (this.#isRetired) return Promise.resolve();
    this.#post([Kind.Retire, 0]);
    return new Promise((resolve) => this.#onRetired = resolve);
  }

  #receive(message: MessageToWorker): void {
    switch (message[0]) {
      case Kind.Open:
        return this.#open(message);
      case Kind.Retire:
        this.#isRetired = true;
        return this.#onRetired?.();
      default:
        this.#sockets.get(message[1])?.receive(message);
    }
  }

  #open(opening: Opening): void {
    const [, id] = opening;
    if (this.#events === undefined) return this.#post([Kind.Destroy, id]);
    const socket = new RelayedSocket(
      opening,
      this.#port,
      (gone) => this.#sockets.delete(gone),
    );
    this.#sockets.set(id, socket);
    this.#events.onAccept(socket);
  }

  #post(message: MessageToAcceptor): void {
    this.#port.postMessage(message);
  }
}
