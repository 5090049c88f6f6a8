import { SocketFailure } from "../../contract/failure.ts";
import {
  BORROWED,
  type Socket,
  type SocketEvents,
} from "../../contract/socket.ts";
import type {
  HandshakeEvents,
  HandshakeFailure,
  PendingHandshake,
} from "../../contract/tls.ts";
import { outsideAsyncContext } from "../async_context.ts";
import { failureOf } from "../failure_kinds.ts";
import { attempt } from "../host_calls.ts";
import { endOfTurn } from "../immediates.ts";
import type { TlsCarrier } from "./tls_carrier.ts";
import type { NativeTlsSocket } from "./node_tls_types.ts";
import { DirectTls, type DirectTlsOwner } from "./direct_tls.ts";
import { NativeCarrier, streamedSocketOf } from "./native_carrier.ts";
import { SecuredSocket, TRUNCATED } from "./secured_socket.ts";
import { StreamCarrier } from "./stream_carrier.ts";
import type { CarrierOwner } from "./carrier.ts";
import {
  ALERTS,
  handshakeFailure,
  secureFailureOf,
  withAlert,
} from "./tls_failures.ts";
import { tlsInfo } from "./tls_peer.ts";

/**
 * A TLS connection by `node:tls`, over any socket: first a handshake, then a
 * socket.
 */
export class TlsSocket extends SecuredSocket
  implements CarrierOwner, DirectTlsOwner, PendingHandshake {
  readonly #carrier: TlsCarrier;
  /** Undefined once the handshake is over. */
  #handshake: HandshakeEvents | undefined;
  #native: NativeTlsSocket | undefined = undefined;
  /**
   * Bypasses the streams of `#native` for reads and writes, where that is
   * possible.
   */
  #direct: DirectTls | undefined = undefined;
  #events: SocketEvents | undefined = undefined;
  #failure: SocketFailure | undefined = undefined;
  #isBorrowing = false;
  #isPaused = false;
  /** True inside the `resume` of `#native`, which on Deno decrypts. */
  #isResuming = false;
  #isDestroyed = false;
  #isShutDown = false;
  /** Set if the connection below has ended without a close_notify. */
  #cut: SocketFailure | undefined = undefined;
  /** `#native` has emitted "end". */
  #isEndThere = false;
  /** The end was delivered, or came as a failure. */
  #hasEnded = false;
  /** The connection below is closed. */
  #isGone = false;
  #isClosed = false;

  /** Call {@linkcode begin} to start the handshake. */
  constructor(socket: Socket, events: HandshakeEvents) {
    super(socket);
    this.#handshake = events;
    const streamed = streamedSocketOf(socket);
    this.#carrier = streamed === undefined
      ? new StreamCarrier(socket, this)
      : new NativeCarrier(socket, streamed, this);
  }

  /** The stream to pass to `node:tls`. */
  get stream(): object {
    return this.#carrier.stream;
  }

  /**
   * Starts the handshake: `createTls` creates the TLS socket on the stream. The
   * bytes in `received` were read before, and come first.
   */
  begin(received: Uint8Array | undefined, createTls: () => void): void {
    this.#carrier.beginTls(received, () => this.#tryToCreate(createTls));
  }

  /** If `createTls` throws, the handshake fails, but not inside this call. */
  #tryToCreate(createTls: () => void): void {
    try {
      outsideAsyncContext(createTls);
    } catch (error) {
      outsideAsyncContext(
        queueMicrotask,
        () => this.onHandshakeFailed(handshakeFailure(error)),
      );
    }
  }

  /** Sets the TLS socket, which may fail before its handshake is done. */
  attach(native: NativeTlsSocket): void {
    this.#native = native;
    native.on("error", (error) => this.#onError(error));
  }

  /** The handshake of `native` is done. */
  onSecure(native: NativeTlsSocket, serverName: string | undefined): void {
    if (this.#handshake === undefined) return;
    if (this.#native === undefined) this.attach(native);
    try {
      this.info = tlsInfo(native, serverName);
      native.pause();
      native.allowHalfOpen = true;
      this.#direct = DirectTls.of(native, this.#carrier, this);
    } catch (error) {
      const failure = handshakeFailure(error);
      return this.#secured((handshake) => this.#end(handshake, failure));
    }
    if (this.#direct === undefined) {
      native.on("data", (chunk) => this.onPlain(chunk, chunk.length));
    }
    native.on("end", () => {
      this.#isEndThere = true;
      this.#deliverEnd();
    });
    // Deno does not end the stream below after it has sent close_notify.
    native.on("finish", () => endOfTurn(() => this.#carrier.end()));
    this.#secured((handshake) => handshake.onSecure(this));
  }

  /**
   * Passes on the outcome of the handshake once TLS may be destroyed, unless
   * the handshake is settled by then.
   */
  #secured(callback: (handshake: HandshakeEvents) => void): void {
    const settle = (): void => {
      if (this.#isGone || this.#isDestroyed) return;
      const handshake = this.#takeHandshake();
      if (handshake !== undefined) callback(handshake);
    };
    if (this.#carrier.isInsideTls) endOfTurn(settle);
    else settle();
  }

  /** The handshake has failed; an alert may still be on its way to the peer. */
  onHandshakeFailed(failure: HandshakeFailure): void {
    const handshake = this.#handshake;
    if (handshake === undefined || this.#isDestroyed) return;
    this.#isDestroyed = true;
    const alert = ALERTS[failure.reason];
    if (alert !== undefined) this.#carrier.writeFirst(alert);
    this.#carrier.onceDrained(() => {
      if (this.#takeHandshake() !== undefined) this.#end(handshake, failure);
    });
  }

  cancel(): void {
    if (this.#takeHandshake() !== undefined) this.#abandon();
  }

  #takeHandshake(): HandshakeEvents | undefined {
    const handshake = this.#handshake;
    this.#handshake = undefined;
    return handshake;
  }

  /** Sends FIN before closing: a reset could overtake the alert. */
  #end(handshake: HandshakeEvents, failure: HandshakeFailure): void {
    this.#carrier.end();
    this.#abandon();
    const { plainAlert } = this.#carrier;
    handshake.onHandshakeFailed(withAlert(failure, plainAlert));
  }

  #abandon(): void {
    this.#isDestroyed = true;
    this.#carrier.abort();
    attempt(() => this.#native?.destroy());
  }

  // The socket, as the core uses it.

  get borrowsWrites(): boolean {
    return this.#direct === undefined;
  }

  get isHolding(): boolean {
    return !this.#carrier.isDrained || this.#native?.writableFinished === false;
  }

  start(events: SocketEvents): void {
    this.#events = events;
    this.resume();
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    const native = this.#native as NativeTlsSocket;
    if (this.#isGone || this.#isDestroyed || native.destroyed) return 0;
    if (this.#carrier.isFinished) {
      this.#failFinished();
      return 0;
    }
    try {
      if (this.#direct !== undefined) {
        return this.#direct.write(buffer, start, end);
      }
      const bytes = buffer.subarray(start, end);
      this.#isBorrowing = true;
      outsideAsyncContext(() => native.write(bytes, this.#onWritten));
      return BORROWED;
    } catch (error) {
      this.#fail(failureOf(error));
      return 0;
    }
  }

  pause(): void {
    this.#isPaused = true;
    attempt(() => this.#native?.pause());
    if (!this.#isGone) this.#carrier.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#isResuming = true;
    outsideAsyncContext(() => attempt(() => this.#native?.resume()));
    this.#isResuming = false;
    if (!this.#isGone) this.#carrier.resume();
    if (this.#isEndThere || this.#direct?.isAllDelivered === false) {
      outsideAsyncContext(queueMicrotask, this.#deliverHeld);
    }
  }

  /**
   * Sends close_notify, then FIN. Deferred to the end of the turn: Node looks
   * for the peer's EOF at that moment, and drops bytes that it has read but not
   * yet decrypted.
   */
  shutdownWrite(): void {
    this.#isShutDown = true;
    endOfTurn(() => {
      if (this.#direct === undefined) this.#endNative();
      else this.#direct.onceIdle(() => this.#endNative());
    });
  }

  #endNative(): void {
    try {
      this.#native?.end();
      this.#carrier.onTlsShutdown();
    } catch (error) {
      this.#fail(failureOf(error));
    }
  }

  destroy(): void {
    if (this.#isDestroyed || this.#isClosed) return;
    this.#abandon();
    if (this.#isGone) outsideAsyncContext(queueMicrotask, () => this.#close());
  }

  // Decrypted data.

  get isListening(): boolean {
    return !this.#isPaused && !this.#isResuming &&
      this.#events !== undefined && !this.#isDestroyed && !this.#isClosed;
  }

  onPlain(buffer: Uint8Array, length: number): void {
    this.#events?.onData(buffer, length);
  }

  onRoom(): void {
    if (!this.#isDestroyed && !this.#isClosed) this.#events?.onWritable();
  }

  readonly #deliverHeld = (): void => {
    this.#direct?.deliverHeld();
    this.#deliverEnd();
  };

  // Events of the carrier.

  onCarrierEnd(
    failure = new SocketFailure("truncated", new Error(TRUNCATED)),
  ): void {
    if (!this.#native?._readableState.ended) this.#cut = failure;
    if (this.#handshake !== undefined) this.#closedTooSoon(undefined);
  }

  onCarrierClose(failure?: SocketFailure): void {
    this.#isGone = true;
    if (this.#handshake !== undefined) return this.#closedTooSoon(failure);
    // Once both ends have sent close_notify, a failure of the connection below
    // does not matter.
    const isOver = this.#hasEnded && this.#isShutDown && !this.isHolding;
    if (!isOver) this.#failure ??= failure;
    // Otherwise EOF is delivered first, after the data before it.
    if (this.#hasEnded || this.#isDestroyed || failure) this.#close();
  }

  /**
   * Fails the handshake with `closed`, unless an error that is already pending
   * states the cause within two turns.
   */
  #closedTooSoon(failure: SocketFailure | undefined): void {
    endOfTurn(() =>
      endOfTurn(() => {
        const handshake = this.#takeHandshake();
        if (handshake === undefined) return;
        const cause = failure?.cause;
        this.#end(handshake, { reason: "closed", cause });
      })
    );
  }

  /**
   * Delivers EOF, unless reading is paused: Node emits "end" even then, if all
   * bytes were read.
   */
  #deliverEnd(): void {
    if (!this.#isEndThere || this.#isPaused || this.#isResuming) return;
    if (this.#events === undefined) return;
    if (this.#direct?.isAllDelivered === false) return;
    if (this.#hasEnded || this.#isClosed) return;
    this.#hasEnded = true;
    if (this.#cut !== undefined) return this.#fail(this.#cut);
    this.#events?.onEnd();
    if (this.#isBorrowing && this.#carrier.isFinished) this.#failFinished();
    if (this.#isGone) this.#close();
  }

  /**
   * TLS has ended sending before this end did, so borrowed or offered bytes
   * cannot be sent.
   */
  #failFinished(): void {
    const text =
      "the TLS of this runtime stopped sending when the peer ended its side";
    this.#fail(new SocketFailure("other", new Error(text)));
  }

  #onError(error: Error): void {
    if (this.#handshake !== undefined) {
      const verdict = this.#native?.authorizationError;
      return this.onHandshakeFailed(handshakeFailure(error, verdict));
    }
    this.#fail(secureFailureOf(error));
  }

  /** Closes the connection after an error of the runtime. */
  #fail(failure: SocketFailure): void {
    this.#failure ??= failure;
    if (this.#isDestroyed) return;
    this.#abandon();
    if (this.#isGone) outsideAsyncContext(queueMicrotask, () => this.#close());
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    attempt(() => this.#native?.destroy());
    this.#events?.onClose(this.#failure);
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (!this.#isBorrowing || error || this.#isDestroyed || this.#isClosed) {
      return;
    }
    this.#isBorrowing = false;
    this.#events?.onWritable();
  };
}
