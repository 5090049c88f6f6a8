import type { SocketAddress } from "../contract/address.ts";
import type { SocketFailure } from "../contract/failure.ts";
import type { ProxyHeader, ProxyInfo } from "../contract/proxy.ts";
import type {
  Socket,
  SocketEvents,
  SocketOptions,
} from "../contract/socket.ts";

/**
 * A connection whose PROXY header was read, as a socket that was just accepted.
 * The bytes that were read after the header come first.
 */
export class ProxiedSocket implements Socket, SocketEvents {
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
  readonly proxy: ProxyInfo;
  readonly #inner: Socket;
  readonly #defer: (callback: () => void) => void;
  #events: SocketEvents | undefined = undefined;
  /** Bytes read after the header that are not delivered yet. */
  #rest: Uint8Array | undefined;
  #isPaused = false;
  /** True if the rest is about to be delivered. */
  #isDue = false;

  /**
   * `rest` are the bytes of the current read after the header, valid until
   * `endRead`. `defer` calls back in a later turn.
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

  /**
   * The buffer of the read is about to be reused: delivers what follows the
   * header, or copies it if reading is paused.
   */
  endRead(): void {
    if (this.#rest === undefined) return;
    if (this.#isPaused) this.#rest = this.#rest.slice();
    else this.#deliverRest();
  }

  // Called by its receiver.

  /**
   * Passes events on to the receiver only while it has something to deliver.
   */
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

  setOptions(options: SocketOptions): void {
    this.#inner.setOptions(options);
  }

  // Events of the socket while something has to be delivered first.

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
