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
import { inNobodysContext } from "../async_context.ts";
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
import { ALERTS, handshakeFailure, secureFailureOf } from "./tls_failures.ts";
import { tlsInfo } from "./tls_peer.ts";

/** A connection in TLS, by `node:tls`, over a socket of any kind: first its handshake, then a socket. */
export class TlsSocket extends SecuredSocket
  implements CarrierOwner, DirectTlsOwner, PendingHandshake {
  readonly #carrier: TlsCarrier;
  /** Undefined once the handshake is over. */
  #handshake: HandshakeEvents | undefined;
  #native: NativeTlsSocket | undefined = undefined;
  /** Says and hears in place of that, where it can be had. */
  #direct: DirectTls | undefined = undefined;
  #events: SocketEvents | undefined = undefined;
  #failure: SocketFailure | undefined = undefined;
  #isBorrowing = false;
  #isPaused = false;
  #isDestroyed = false;
  /** The connection below has ended so, and nothing said so in TLS. */
  #cut: SocketFailure | undefined = undefined;
  #isEndThere = false;
  /** The end was told, or there is nobody to tell. */
  #hasEnded = false;
  /** The connection below is gone. */
  #isGone = false;
  #isClosed = false;

  /** The handshake begins with {@linkcode begin}. */
  constructor(socket: Socket, events: HandshakeEvents) {
    super(socket);
    this.#handshake = events;
    const streamed = streamedSocketOf(socket);
    this.#carrier = streamed === undefined
      ? new StreamCarrier(socket, this)
      : new NativeCarrier(socket, streamed, this);
  }

  // The handshake.

  /** What TLS is to be spoken over. */
  get stream(): object {
    return this.#carrier.stream;
  }

  /** Begins the handshake, for which `speak` makes the end of TLS; `received` was read already. */
  begin(received: Uint8Array | undefined, speak: () => void): void {
    this.#carrier.beginTls(received, () => this.#speak(speak));
  }

  /** Has `begin` make the end of TLS that speaks over the stream; what that throws has failed the handshake. */
  #speak(begin: () => void): void {
    try {
      inNobodysContext(begin);
    } catch (error) {
      inNobodysContext(
        queueMicrotask,
        () => this.onHandshakeFailed(handshakeFailure(error)),
      );
    }
  }

  /** The end of TLS that speaks over the stream, before the handshake is over. */
  attach(native: NativeTlsSocket): void {
    this.#native = native;
    native.on("error", (error) => this.#onError(error));
  }

  /** The handshake is done. */
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
    // Deno does not end the stream, to which it says last that nothing more comes.
    native.on("finish", () => endOfTurn(() => this.#carrier.end()));
    this.#secured((handshake) => handshake.onSecure(this));
  }

  /** Calls back as soon as TLS may be destroyed, unless the handshake is over by then. */
  #secured(callback: (handshake: HandshakeEvents) => void): void {
    const tell = (): void => {
      if (this.#isGone || this.#isDestroyed) return;
      const handshake = this.#takeHandshake();
      if (handshake !== undefined) callback(handshake);
    };
    if (this.#carrier.isInsideTls) endOfTurn(tell);
    else tell();
  }

  /** The handshake has failed; the alert may be on its way. */
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

  /** Ends the connection, by FIN first: a reset could overtake the alert. */
  #end(handshake: HandshakeEvents, failure: HandshakeFailure): void {
    this.#carrier.end();
    this.#abandon();
    handshake.onHandshakeFailed(failure);
  }

  #abandon(): void {
    this.#isDestroyed = true;
    this.#carrier.abort();
    attempt(() => this.#native?.destroy());
  }

  // What the core sees of it.

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
    try {
      if (this.#direct !== undefined) {
        return this.#direct.write(buffer, start, end);
      }
      const bytes = buffer.subarray(start, end);
      this.#isBorrowing = true;
      inNobodysContext(() => native.write(bytes, this.#onWritten));
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
    inNobodysContext(() => attempt(() => this.#native?.resume()));
    if (!this.#isGone) this.#carrier.resume();
    if (this.#isEndThere || this.#direct?.isAllTold === false) {
      inNobodysContext(queueMicrotask, this.#deliverHeld);
    }
  }

  /**
   * Says in TLS that nothing more comes, and then so below it. Not at once: Node
   * looks for the end of the peer then, and drops what it has read before and not
   * decrypted yet.
   */
  shutdownWrite(): void {
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
    if (this.#isGone) inNobodysContext(queueMicrotask, () => this.#close());
  }

  // What was said in TLS.

  get isListening(): boolean {
    return !this.#isPaused && this.#events !== undefined &&
      !this.#isDestroyed && !this.#isClosed;
  }

  onPlain(buffer: Uint8Array, length: number): void {
    this.#events?.onData(buffer, length);
  }

  onRoom(): void {
    if (!this.#isDestroyed && !this.#isClosed) this.#events?.onWritable();
  }

  readonly #deliverHeld = (): void => {
    this.#direct?.tell();
    this.#deliverEnd();
  };

  // What happens below it.

  onCarrierEnd(
    failure = new SocketFailure("truncated", new Error(TRUNCATED)),
  ): void {
    if (!this.#native?._readableState.ended) this.#cut = failure;
    if (this.#handshake !== undefined) this.#closedTooSoon(undefined);
  }

  onCarrierClose(failure?: SocketFailure): void {
    this.#isGone = true;
    this.#failure ??= failure;
    if (this.#handshake !== undefined) return this.#closedTooSoon(failure);
    // Its end is read first, unless nobody is to hear of that.
    if (this.#hasEnded || this.#isDestroyed || failure) this.#close();
  }

  /** The handshake has failed by an end, if what came before that does not say why. */
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

  /** Node tells of the end even while it is paused, if all bytes were read. */
  #deliverEnd(): void {
    if (!this.#isEndThere || this.#isPaused) return;
    if (this.#events === undefined) return;
    if (this.#direct?.isAllTold === false) return;
    if (this.#hasEnded || this.#isClosed) return;
    this.#hasEnded = true;
    if (this.#cut !== undefined) return this.#fail(this.#cut);
    this.#events?.onEnd();
    if (this.#isGone) this.#close();
  }

  #onError(error: Error): void {
    if (this.#handshake !== undefined) {
      const verdict = this.#native?.authorizationError;
      return this.onHandshakeFailed(handshakeFailure(error, verdict));
    }
    this.#fail(secureFailureOf(error));
  }

  /** Nothing is to be expected of it any more. */
  #fail(failure: SocketFailure): void {
    this.#failure ??= failure;
    if (this.#isDestroyed) return;
    this.#abandon();
    if (this.#isGone) inNobodysContext(queueMicrotask, () => this.#close());
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
