import type { SocketAddress } from "../contract/address.ts";
import type { SocketFailure } from "../contract/failure.ts";
import type { ProxyInfo } from "../contract/proxy.ts";
import type {
  Socket,
  SocketEvents,
  SocketOptions,
} from "../contract/socket.ts";
import type { TlsInfo } from "../contract/tls_info.ts";
import { ConnectionClosedError } from "../api/errors.ts";
import { forget } from "../util/forget.ts";
import { isPromiseLike } from "../util/promises.ts";
import { toError } from "../api/to_error.ts";
import { Timeout } from "./time_limits.ts";
import type { TlsEnd } from "./tls_end.ts";
import type { HandshakeOutcome, TlsHandshake } from "./tls_handshake.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** What a {@linkcode TlsStart} needs from its connection. */
export interface TlsStartHost extends SocketEvents {
  readonly reader: { readonly bytesBuffered: number };
  /** The error it was closed with, or that ended it. */
  readonly reason: Error | undefined;
  /**
   * `count` bytes of plaintext followed the message that asked for TLS: the
   * connection must be aborted.
   */
  onPlaintext(count: number): void;
  /**
   * The handshake is done. `socket` must be started or destroyed before this
   * returns.
   */
  onSecure(socket: Socket): void;
  /** The handshake failed, and nothing is left open. */
  onNotSecure(error: Error): void;
}

/**
 * The socket of a connection while it switches to TLS: first it writes what was
 * sent before in plaintext, but nothing more; then it performs the handshake.
 */
export class TlsStart<UserCommand> implements Socket, SocketEvents {
  readonly borrowsWrites: boolean;
  readonly #loop: TurnLoop<UserCommand>;
  readonly #plain: Socket;
  readonly #action: string;
  /** Undefined until it is loaded. */
  #end: TlsEnd | undefined = undefined;
  readonly #host: TlsStartHost;
  /**
   * The deadline of everything: the rest of the plaintext, and the handshake
   * after it.
   */
  #deadline = Infinity;
  readonly #timeout = new Timeout(() => this.#onTimeout());
  /** Number of bytes that are still to be written in plaintext. */
  #plainLeft: number;
  #isBorrowed: boolean;
  /**
   * True once it was checked that nothing followed the message that asked for
   * TLS.
   */
  #isChecked = false;
  #handshake: TlsHandshake<UserCommand> | undefined = undefined;
  #isShutDown = false;
  #isOver = false;
  /** Why it is being aborted. */
  #error: Error | undefined = undefined;
  /** True once its host knows that the connection has closed. */
  #isReported = false;
  /**
   * Resolves when the handshake is done. If the connection ends first, rejects
   * with the reason, after the host was notified.
   */
  readonly whenStarted: Promise<TlsInfo>;
  #resolve!: (info: TlsInfo) => void;
  #reject!: (reason: Error) => void;

  /**
   * `plain` is paused, may have borrowed bytes, and is still to write
   * `plainLeft` bytes. `end` performs the handshake for `action`.
   */
  constructor(
    loop: TurnLoop<UserCommand>,
    plain: Socket,
    action: string,
    end: TlsEnd | Promise<TlsEnd>,
    { plainLeft, isBorrowed }: {
      readonly plainLeft: number;
      readonly isBorrowed: boolean;
    },
    host: TlsStartHost,
  ) {
    this.borrowsWrites = plain.borrowsWrites;
    this.#loop = loop;
    this.#plain = plain;
    this.#action = action;
    this.#plainLeft = plainLeft;
    this.#isBorrowed = isBorrowed;
    this.#host = host;
    this.whenStarted = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    forget(this.whenStarted); // nobody may be waiting for it
    plain.start(this);
    if (isPromiseLike(end)) {
      end.then(
        (loaded) => loop.defer(() => this.#onEnd(loaded)),
        (thrown) => loop.defer(() => this.#onNoEnd(thrown)),
      );
    } else this.#onEnd(end);
    // What follows the current message is known only after its handler has
    // returned.
    loop.defer(() => this.#check());
  }

  /**
   * True if sending ended before the handshake: then FIN is still to be sent,
   * in TLS.
   */
  get isShutDown(): boolean {
    return this.#isShutDown;
  }

  // Called by its connection.

  get localAddress(): SocketAddress {
    return this.#plain.localAddress;
  }

  get remoteAddress(): SocketAddress {
    return this.#plain.remoteAddress;
  }

  get proxy(): ProxyInfo | undefined {
    return this.#plain.proxy;
  }

  setOptions(options: SocketOptions): void {
    this.#plain.setOptions(options);
  }

  /** Its connection receives the events from the start. */
  start(): void {}

  write(buffer: Uint8Array, start: number, end: number): number {
    const size = Math.min(end - start, this.#plainLeft);
    if (size === 0) return 0;
    const taken = this.#plain.write(buffer, start, start + size);
    this.#isBorrowed = taken < 0;
    this.#plainLeft -= this.#isBorrowed ? size : taken;
    if (this.#isPlainOut) this.#loop.defer(() => this.#beginIfReady());
    return taken;
  }

  /** Plaintext is no longer read, and TLS is read by the next socket. */
  pause(): void {}

  resume(): void {}

  shutdownWrite(): void {
    this.#isShutDown = true;
  }

  destroy(): void {
    if (this.#isOver) return;
    this.#finish();
    if (this.#handshake === undefined) return this.#plain.destroy();
    this.#handshake.cancel();
    this.#loop.defer(() => this.onClose());
  }

  // Called by the plain socket.

  readBuffer(): Uint8Array {
    return new Uint8Array(1); // never read into: reading is paused
  }

  onData(): void {}

  onWritable(): void {
    this.#isBorrowed = false;
    this.#host.onWritable();
    this.#beginIfReady();
  }

  onEnd(): void {}

  onClose(failure?: SocketFailure): void {
    this.#finish();
    if (this.#isReported) return;
    if (this.#error !== undefined) return this.#fail(this.#error);
    this.#isReported = true;
    this.#host.onClose(failure);
    this.#reject(
      this.#host.reason ??
        new ConnectionClosedError(`Cannot ${this.#action}: it was closed`),
    );
  }

  get #isPlainOut(): boolean {
    return this.#plainLeft === 0 && !this.#isBorrowed;
  }

  #check(): void {
    if (this.#isOver) return;
    const { bytesBuffered } = this.#host.reader;
    if (bytesBuffered === 0) {
      this.#isChecked = true;
      return this.#beginIfReady();
    }
    // A reset could overtake the answer.
    if (this.#isPlainOut) this.#plain.shutdownWrite();
    this.#host.onPlaintext(bytesBuffered);
  }

  #beginIfReady(): void {
    const end = this.#end;
    if (this.#isOver || !this.#isChecked || !this.#isPlainOut) return;
    if (end === undefined || this.#handshake !== undefined) return;
    this.#loop.disarm(this.#timeout);
    const outcome: HandshakeOutcome = {
      onOpened: (secured) => {
        this.#finish();
        this.#resolve(secured.tls as TlsInfo);
        this.#host.onSecure(secured);
      },
      onFailed: (error) => this.#fail(error),
    };
    this.#handshake = end.begin(
      this.#loop,
      this.#plain,
      this.#action,
      outcome,
      undefined,
      this.#deadline,
    );
  }

  #onEnd(end: TlsEnd): void {
    if (this.#isOver) return;
    this.#end = end;
    this.#deadline = end.deadlineOf(this.#loop);
    this.#loop.armAt(this.#timeout, this.#deadline);
    this.#beginIfReady();
  }

  #onNoEnd(thrown: unknown): void {
    if (!this.#isOver) this.#abort(toError(thrown, "the adapter"));
  }

  #onTimeout(): void {
    this.#abort((this.#end as TlsEnd).overdue(this.#action));
  }

  /** Aborts the connection. Its host gets `error` once it has closed. */
  #abort(error: Error): void {
    this.#error = error;
    this.#finish();
    this.#plain.destroy();
  }

  #fail(error: Error): void {
    this.#finish();
    this.#isReported = true;
    this.#host.onNotSecure(error);
    this.#reject(this.#host.reason ?? error);
  }

  #finish(): void {
    this.#isOver = true;
    this.#loop.disarm(this.#timeout);
  }
}
