import type { Address } from "../../contract/address.ts";
import type { Listener, ListenerEvents } from "../../contract/listener.ts";
import type { AfterPoll, PollBarrier } from "../../core/poll_barrier.ts";
import type { ChannelPort } from "../link/port.ts";
import {
  type MessageToAcceptor,
  type MessageToWorker,
  type OpenMessage,
  RelayKind,
} from "./protocol.ts";
import { RelayedSocket } from "./relayed_socket.ts";

/**
 * A listener whose connections are accepted on `address` by an `Acceptor`, in
 * the thread at the other end of `port`. It reports only after this call has
 * returned. It uses the port until the acceptor closes it; until then it is a
 * party of `barrier`.
 */
export function relayedListener(
  port: ChannelPort,
  address: Address,
  events: ListenerEvents,
  barrier: PollBarrier,
): Listener {
  return new RelayedListener(port, address, events, barrier);
}

class RelayedListener implements Listener {
  readonly address: Address;
  readonly #port: ChannelPort;
  /** Undefined once it is closed. */
  #events: ListenerEvents | undefined;
  readonly #sockets = new Map<number, RelayedSocket>();
  #isRetired = false;
  #onRetired: (() => void) | undefined = undefined;
  /** The callbacks that wait for a poll, in the order of the answers. */
  readonly #onPolled: (() => void)[] = [];

  constructor(
    port: ChannelPort,
    address: Address,
    events: ListenerEvents,
    barrier: PollBarrier,
  ) {
    this.#port = port;
    this.address = address;
    this.#events = events;
    port.on("message", (message) => this.#receive(message as never));
    port.on("close", () => this.#onPortClosed(barrier));
    barrier.add(this.#afterPoll);
  }

  /** The acceptor goes on by itself. */
  resume(): void {}

  /** Resolves when the acceptor sends no more connections. */
  close(): Promise<void> {
    this.#events = undefined;
    if (this.#isRetired) return Promise.resolve();
    this.#post([RelayKind.Retire, 0]);
    return new Promise((resolve) => this.#onRetired = resolve);
  }

  #receive(message: MessageToWorker): void {
    switch (message[0]) {
      case RelayKind.Open:
        return this.#open(message);
      case RelayKind.Written:
        for (const id of message[2]) this.#sockets.get(id)?.onWritten();
        return;
      case RelayKind.Retire:
        return this.#retire();
      case RelayKind.Polled:
        return this.#onPolled.shift()?.();
      default:
        this.#sockets.get(message[1])?.receive(message);
    }
  }

  #retire(): void {
    this.#isRetired = true;
    this.#onRetired?.();
  }

  readonly #afterPoll: AfterPoll = (callback) => {
    if (this.#sockets.size === 0) return callback();
    this.#onPolled.push(callback);
    this.#post([RelayKind.Poll, 0]);
  };

  /** The acceptor sends nothing more, and everything that it has sent is in. */
  #onPortClosed(barrier: PollBarrier): void {
    barrier.remove(this.#afterPoll);
    this.#retire();
    for (const callback of this.#onPolled.splice(0)) callback();
  }

  #open(message: OpenMessage): void {
    const [, id] = message;
    if (this.#events === undefined) return this.#post([RelayKind.Refuse, id]);
    const socket = new RelayedSocket(
      message,
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
