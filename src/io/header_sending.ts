import {
  BORROWED,
  type Socket,
  type SocketEvents,
} from "../contract/socket.ts";
import type { SocketFailure } from "../contract/failure.ts";

/** Told how it ended: one of the two, once, unless it was cancelled. */
export interface HeaderSendingEvents {
  /** All of the header is out: `socket` is to be started or destroyed before this returns. */
  onSent(socket: Socket): void;
  /** The connection is lost, by `failure` if it was not a clean end. */
  onHeaderLost(failure: SocketFailure | undefined): void;
}

/** Sends a PROXY header over a connection that was just opened, before anybody else has it. */
export class HeaderSending implements SocketEvents {
  readonly #socket: Socket;
  readonly #header: Uint8Array;
  readonly #events: HeaderSendingEvents;
  #sentCount = 0;
  #isBorrowed = false;
  #isStarted = false;
  #isOver = false;

  /** `header` is not to be changed. */
  constructor(
    socket: Socket,
    header: Uint8Array,
    events: HeaderSendingEvents,
  ) {
    this.#socket = socket;
    this.#header = header;
    this.#events = events;
  }

  /** Begins it, maybe ends it. */
  start(): void {
    if (this.#write()) return this.#end();
    this.#isStarted = true;
    this.#socket.start(this);
    // What the peer says first is for whoever gets it then.
    this.#socket.pause();
  }

  /** Gives the connection up. */
  cancel(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  readBuffer(): Uint8Array {
    return new Uint8Array(1); // for a read that does not begin, since it is paused
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

  /** Writes what is left; true if nothing is. */
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
