import { outsideAsyncContext } from "../../adapters/async_context.ts";
import type { SocketEvents } from "../../contract/socket.ts";
import { Fifo } from "../../util/fifo.ts";

/**
 * A source of messages that can be paused: `ws`, or the connection below it.
 */
export interface Source {
  pause(): void;
  resume(): void;
}

/**
 * Delivers the messages of a WebSocket and its end, and holds back what arrives
 * while it is paused. Reading continues until something has arrived, so that
 * pings are still answered.
 */
export class Inflow {
  events: SocketEvents | undefined = undefined;
  readonly #sources: readonly Source[];
  readonly #held = new Fifo<Uint8Array>();
  #isPaused = false;
  #isStopped = false;
  /** True if the end follows the held messages. */
  #hasEnd = false;
  #hasToldEnd = false;
  /** Set once the connection has closed. */
  #onDelivered: (() => void) | undefined = undefined;
  #isDropped = false;

  constructor(...sources: readonly Source[]) {
    this.#sources = sources;
  }

  /** True while nothing is read. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  pause(): void {
    this.#isPaused = true;
    if (this.#held.size > 0) this.#stop();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    outsideAsyncContext(() => {
      this.#goOn();
      queueMicrotask(() => this.#deliver());
    });
  }

  /** Accepts a message that has arrived. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#isDropped) return;
    // A user who transfers the buffer must not take other messages with it.
    const isShared = bytes.length < bytes.buffer.byteLength;
    const own = isShared ? new Uint8Array(bytes) : bytes;
    if (!this.#isPaused && this.#held.size === 0) {
      return this.events?.onData(own, own.length);
    }
    this.#held.push(own);
    if (this.#isPaused) this.#stop();
  }

  /** Signals that no more messages will arrive. */
  end(): void {
    this.#hasEnd = true;
    if (this.#isPaused) this.#stop();
    else this.#deliver();
  }

  /**
   * The connection has closed. Calls back once everything before that has been
   * delivered, for which it waits in a pause, or at once if it is dropped.
   */
  finish(onDelivered: () => void): void {
    this.#onDelivered = onDelivered;
    if (this.#isDropped || this.#hasToldEnd) onDelivered();
    else this.#deliver();
  }

  /** Delivers nothing any more. */
  drop(): void {
    this.#isDropped = true;
  }

  get #hasSources(): boolean {
    return !this.#isDropped && this.#onDelivered === undefined;
  }

  #stop(): void {
    if (this.#isStopped || !this.#hasSources) return;
    this.#isStopped = true;
    for (const source of this.#sources) source.pause();
  }

  #goOn(): void {
    if (!this.#isStopped || !this.#hasSources) return;
    this.#isStopped = false;
    for (const source of this.#sources) source.resume();
  }

  #deliver(): void {
    while (!this.#isPaused && !this.#isDropped) {
      if (this.#held.size === 0) return this.#reportEnd();
      const bytes = this.#held.shift();
      this.events?.onData(bytes, bytes.length);
    }
  }

  #reportEnd(): void {
    if (this.#hasEnd && !this.#hasToldEnd) {
      this.#hasToldEnd = true;
      this.events?.onEnd();
    }
    this.#onDelivered?.();
  }
}
