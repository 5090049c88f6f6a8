import {
  BORROWED,
  type Socket,
  type SocketEvents,
} from "../contract/socket.ts";
import type { SocketFailure } from "../contract/failure.ts";

/**
 * Callbacks for the outcome. Exactly one is called, once, unless the sending is
 * cancelled.
 */
export interface HeaderSendingEvents {
  /**
   * The whole header is written. Start or destroy `socket` before returning.
   */
  onSent(socket: Socket): void;
  /**
   * The connection closed first; `failure` says why, unless it closed cleanly.
   */
  onHeaderLost(failure: SocketFailure | undefined): void;
}

/** Sends a PROXY header over a new connection before anything else uses it. */
export class HeaderSending implements SocketEvents {
  readonly #socket: Socket;
  readonly #header: Uint8Array;
  readonly #events: HeaderSendingEvents;
  #sentCount = 0;
  #isBorrowed = false;
  #isStarted = false;
  #isOver = false;

  /** The caller must not change `header` afterwards. */
  constructor(
    socket: Socket,
    header: Uint8Array,
    events: HeaderSendingEvents,
  ) {
    this.#socket = socket;
    this.#header = header;
    this.#events = events;
  }

  /** Starts sending. May call `onSent` before it returns. */
  start(): void {
    if (this.#write()) return this.#end();
    this.#isStarted = true;
    this.#socket.start(this);
    // The peer's first bytes are for the receiver that takes over.
    this.#socket.pause();
  }

  /** Destroys the connection. No callback follows. */
  cancel(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  readBuffer(): Uint8Array {
    return new Uint8Array(1); // never read into: reading is paused
  }

  onData(): void {}

  onWritable(): void {
    if (this.#isOver) return;
    if (this.#isBorrowed) {
      this.#isBorrowed = false;
      this.#sentCount = this.#header.length;
    }
    if (this.#write()) this.#end();
  }

  onEnd(): void {}

  onClose(failure?: SocketFailure): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.onHeaderLost(failure);
  }

  /** Writes what is left. Returns true once all of it is sent. */
  #write(): boolean {
    const { length } = this.#header;
    if (this.#sentCount < length && !this.#isBorrowed) {
      const taken = this.#socket.write(this.#header, this.#sentCount, length);
      if (taken === BORROWED) this.#isBorrowed = true;
      else this.#sentCount += taken;
    }
    return this.#sentCount === length;
  }

  #end(): void {
    this.#isOver = true;
    if (this.#isStarted) this.#socket.resume();
    this.#events.onSent(this.#socket);
  }
}
