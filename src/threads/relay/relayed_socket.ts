import type { SocketAddress } from "../../contract/address.ts";
import {
  BORROWED,
  type Socket,
  type SocketEvents,
  type SocketOptions,
} from "../../contract/socket.ts";
import { SocketFailure } from "../../contract/failure.ts";
import { outsideAsyncContext } from "../../adapters/async_context.ts";
import type { Port } from "../link/port.ts";
import {
  bytesToTransfer,
  costOf,
  HALF_WINDOW,
  type MessageToAcceptor,
  type OpenMessage,
  RelayKind,
  type SocketMessage,
} from "./protocol.ts";

/** The worker's end of a connection: a socket that lives in the thread of the acceptor. */
export class RelayedSocket implements Socket {
  readonly borrowsWrites = true;
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
  readonly #id: number;
  readonly #port: Port;
  readonly #onGone: (id: number) => void;
  #events: SocketEvents | undefined = undefined;
  #isClosed = false;
  #isPaused = false;
  /** What came in while paused. */
  readonly #held: SocketMessage[] = [];
  /** How much was handed out without giving credit yet. */
  #uncredited = 0;

  /** `onGone` is called when it needs no more messages. */
  constructor(message: OpenMessage, port: Port, onGone: (id: number) => void) {
    [, this.#id, this.localAddress, this.remoteAddress] = message;
    this.#port = port;
    this.#onGone = onGone;
  }

  start(events: SocketEvents): void {
    this.#events = events;
  }

  /** Bytes that the main thread still has to write are not out: {@linkcode RelayKind.Written} says when they are. */
  write(buffer: Uint8Array, start: number, end: number): number {
    if (this.#isClosed) return 0;
    const bytes = bytesToTransfer(buffer, start, end);
    this.#post([RelayKind.Data, this.#id, bytes], [bytes]);
    return BORROWED;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#held.length === 0) return;
    outsideAsyncContext(queueMicrotask, this.#deliverHeld);
  }

  shutdownWrite(): void {
    this.#post([RelayKind.End, this.#id]);
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.#post([RelayKind.Destroy, this.#id]);
    this.#leave();
    outsideAsyncContext(queueMicrotask, () => this.#events?.onClose());
  }

  setOptions(options: SocketOptions): void {
    this.#post([RelayKind.Options, this.#id, options]);
  }

  /** The acceptor has written everything that was sent. */
  onWritten(): void {
    this.#events!.onWritable();
  }

  /** Takes in what the acceptor reports. */
  receive(message: SocketMessage): void {
    const isHolding = this.#isPaused || this.#held.length > 0;
    if (isHolding && mustWait(message)) this.#held.push(message);
    else this.#deliver(message);
  }

  readonly #deliverHeld = (): void => {
    let count = 0;
    while (!this.#isPaused && count < this.#held.length) {
      this.#deliver(this.#held[count++]);
    }
    this.#held.splice(0, count);
  };

  #deliver(message: SocketMessage): void {
    switch (message[0]) {
      case RelayKind.Data:
        return this.#onData(message[2]);
      case RelayKind.End:
        return this.#events!.onEnd();
      case RelayKind.Closed:
        this.#leave();
        return this.#events!.onClose(
          message.length === 2
            ? undefined
            : new SocketFailure(message[2], new Error(message[3])),
        );
    }
  }

  #onData(bytes: ArrayBuffer): void {
    this.#uncredited += costOf(bytes); // before a handler can transfer them
    this.#events!.onData(new Uint8Array(bytes), bytes.byteLength);
    if (this.#uncredited < HALF_WINDOW) return;
    this.#post([RelayKind.Credit, this.#id, this.#uncredited]);
    this.#uncredited = 0;
  }

  #leave(): void {
    this.#isClosed = true;
    this.#held.length = 0;
    this.#onGone(this.#id);
  }

  #post(
    message: MessageToAcceptor,
    transferList?: readonly ArrayBuffer[],
  ): void {
    this.#port.postMessage(message, transferList);
  }
}

/** True if a message must wait while reading is paused: all but a failure. */
function mustWait([kind, , failure]: SocketMessage): boolean {
  return !(kind === RelayKind.Closed && failure);
}
