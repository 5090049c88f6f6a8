import { inNobodysContext } from "../../adapters/async_context.ts";
import type { SocketEvents } from "../../contract/socket.ts";
import { Fifo } from "../../util/fifo.ts";

/** What messages come from: `ws`, and the connection below it. */
export interface Source {
  pause(): void;
  resume(): void;
}

/**
 * What has come in of a WebSocket, as pauses let it through: what comes in a
 * pause is held, with all that was read together with it. Reading goes on in a
 * pause until a message comes, so that pings are answered.
 */
export class Inflow {
  events: SocketEvents | undefined = undefined;
  readonly #sources: readonly Source[];
  readonly #held = new Fifo<Uint8Array>();
  #isPaused = false;
  #isStopped = false;
  /** The end comes behind what is held. */
  #hasEnd = false;
  #hasToldEnd = false;
  #isClosed = false;

  constructor(...sources: readonly Source[]) {
    this.#sources = sources;
  }

  /** Nothing is read now. */
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
    inNobodysContext(() => {
      this.#goOn();
      queueMicrotask(() => this.#deliver());
    });
  }

  /** A message has come. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#isClosed) return;
    // Who transfers what it is given away would take the messages beside it along.
    const isShared = bytes.length < bytes.buffer.byteLength;
    const own = isShared ? new Uint8Array(bytes) : bytes;
    if (!this.#isPaused && this.#held.size === 0) {
      return this.events?.onData(own, own.length);
    }
    this.#held.push(own);
    if (this.#isPaused) this.#stop();
  }

  /** Nothing comes any more. */
  end(): void {
    this.#hasEnd = true;
    this.#deliver();
  }

  /** Nothing is to be told any more; but for the end, if it is `inGoodOrder`. */
  close(inGoodOrder: boolean): void {
    this.#isClosed = true;
    if (inGoodOrder) this.#tellEnd();
  }

  #stop(): void {
    if (this.#isStopped || this.#isClosed) return;
    this.#isStopped = true;
    for (const source of this.#sources) source.pause();
  }

  #goOn(): void {
    if (!this.#isStopped || this.#isClosed) return;
    this.#isStopped = false;
    for (const source of this.#sources) source.resume();
  }

  #deliver(): void {
    while (!this.#isPaused && !this.#isClosed) {
      if (this.#held.size === 0) return this.#tellEnd();
      const bytes = this.#held.shift();
      this.events?.onData(bytes, bytes.length);
    }
  }

  #tellEnd(): void {
    if (!this.#hasEnd || this.#hasToldEnd) return;
    this.#hasToldEnd = true;
    this.events?.onEnd();
  }
}
