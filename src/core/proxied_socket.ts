import type { SocketAddress } from "../contract/address.ts";
import type { SocketFailure } from "../contract/failure.ts";
import type { ProxyHeader, ProxyInfo } from "../contract/proxy.ts";
import type {
  KeepAliveTimes,
  Socket,
  SocketEvents,
} from "../contract/socket.ts";

/**
 * A connection whose PROXY header is read: a socket that is to be started as one
 * that was just accepted. Its first bytes are those that were read behind the
 * header.
 */
export class ProxiedSocket implements Socket, SocketEvents {
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
  readonly proxy: ProxyInfo;
  readonly #inner: Socket;
  readonly #defer: (callback: () => void) => void;
  #events: SocketEvents | undefined = undefined;
  /** What was read behind the header and not handed out yet. */
  #rest: Uint8Array | undefined;
  #isPaused = false;
  /** The rest is about to be handed out. */
  #isDue = false;

  /**
   * `rest` are the bytes of the read in hand that follow the header; valid until
   * `endRead`. `defer` calls back in a turn of its own.
   */
  constructor(
    inner: Socket,
    header: ProxyHeader,
    rest: Uint8Array,
    defer: (callback: () => void) => void,
  ) {
    const { localAddress, remoteAddress } = inner;
    this.#inner = inner;
    this.#rest = rest.length > 0 ? rest : undefined;
    this.#defer = defer;
    this.localAddress = header.destination ?? localAddress;
    this.remoteAddress = header.source ?? remoteAddress;
    this.proxy = { ...header, peerAddress: remoteAddress };
  }

  get under(): Socket {
    return this.#inner;
  }

  get borrowsWrites(): boolean {
    return this.#inner.borrowsWrites;
  }

  /** The buffer of the read is about to be reused: what follows the header is handed out, or copied if reading is paused. */
  endRead(): void {
    if (this.#rest === undefined) return;
    if (this.#isPaused) this.#rest = this.#rest.slice();
    else this.#deliverRest();
  }

  // What is asked of it.

  /** Stands between the socket and its receiver only while it has something to hand out. */
  start(events: SocketEvents): void {
    this.#events = events;
    this.#inner.start(this.#rest === undefined ? events : this);
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    return this.#inner.write(buffer, start, end);
  }

  pause(): void {
    this.#isPaused = true;
    this.#inner.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#rest === undefined) return this.#inner.resume();
    if (this.#isDue) return;
    this.#isDue = true;
    this.#defer(() => {
      this.#isDue = false;
      if (!this.#isPaused) this.#deliverRest();
    });
  }

  shutdownWrite(reason?: Error): void {
    this.#inner.shutdownWrite(reason);
  }

  destroy(): void {
    this.#rest = undefined;
    this.#inner.destroy();
  }

  setNoDelay(on: boolean): void {
    this.#inner.setNoDelay(on);
  }

  setKeepAlive(times: KeepAliveTimes | undefined): void {
    this.#inner.setKeepAlive(times);
  }

  // What the socket reports while something is to be told first.

  readBuffer(): Uint8Array {
    return this.#receiver.readBuffer();
  }

  onData(buffer: Uint8Array, length: number): void {
    this.#receiver.onData(buffer, length);
  }

  onWritable(): void {
    this.#receiver.onWritable();
  }

  onEnd(): void {
    this.#receiver.onEnd();
  }

  onClose(failure?: SocketFailure): void {
    this.#rest = undefined;
    this.#receiver.onClose(failure);
  }

  get #receiver(): SocketEvents {
    return this.#events as SocketEvents;
  }

  #deliverRest(): void {
    const rest = this.#rest;
    if (rest === undefined) return;
    this.#rest = undefined;
    const receiver = this.#receiver;
    this.#inner.start(receiver);
    this.#inner.resume();
    receiver.onData(rest, rest.length);
  }
}
