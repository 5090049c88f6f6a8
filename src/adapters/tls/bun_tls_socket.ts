import { SocketFailure } from "../../contract/failure.ts";
import type { Socket, SocketEvents } from "../../contract/socket.ts";
import type {
  HandshakeEvents,
  HandshakeFailure,
  PendingHandshake,
} from "../../contract/tls.ts";
import type { TlsVersion } from "../../contract/tls_info.ts";
import { EMPTY } from "../../util/empty.ts";
import { outsideAsyncContext } from "../async_context.ts";
import { deliverRead } from "../bun_reads.ts";
import { failureOf } from "../failure_kinds.ts";
import { attempt } from "../host_calls.ts";
import { endOfTurn } from "../immediates.ts";
import type {
  BunError,
  BunPlainSocket,
  BunTlsNative,
  BunUpgrade,
} from "./bun_tls_types.ts";
import type { NativeCertificate } from "./node_tls_types.ts";
import { SecuredSocket, TRUNCATED } from "./secured_socket.ts";
import {
  handshakeFailure,
  secureFailureOf,
  withAlert,
} from "./tls_failures.ts";
import { certificateOf, requestedName } from "./tls_peer.ts";
import { RecordWatch } from "./tls_records.ts";

type Live = BunTlsNative & { readonly data: BunTlsSocket };

/** One set of handlers for all sockets. */
const handlers = {
  binaryType: "uint8array",
  open(): void {},
  handshake(
    { data: connection }: Live,
    isDone: boolean,
    verdict: BunError | null,
  ): void {
    connection.onHandshake(isDone, verdict);
  },
  data({ data: connection }: Live, chunk: Uint8Array): void {
    connection.onNativeData(chunk);
  },
  drain({ data: connection }: Live): void {
    connection.onDrain();
  },
  end({ data: connection }: Live): void {
    connection.onNativeEnd();
  },
  close({ data: connection }: Live, error?: Error): void {
    connection.onNativeClose(error);
  },
  error({ data: connection }: Live, error: Error): void {
    connection.onNativeError(error);
  },
};

/** Bun reports a mismatch of the name as if the handshake had not finished. */
const WRONG_NAME = "ERR_TLS_CERT_ALTNAME_INVALID";

/**
 * The configuration of one end: the upgrade, and the checks after the
 * handshake.
 */
export interface BunTlsEnd {
  readonly upgrade: Omit<BunUpgrade, "data" | "socket">;
  readonly serverName: string | undefined;
  /** True if the peer must present a valid certificate. */
  readonly isStrict: boolean;
  /**
   * What is wrong with the peer's certificate, given the `verdict` of Bun;
   * falsy if nothing is.
   */
  faultOf(
    certificate: NativeCertificate,
    verdict: BunError | null,
  ): unknown;
}

/**
 * A TLS connection on Bun: first a handshake, then a socket. It receives the
 * events of the plain socket below.
 */
export class BunTlsSocket extends SecuredSocket
  implements SocketEvents, PendingHandshake {
  readonly borrowsWrites = false;
  readonly #end: BunTlsEnd;
  readonly #watch = new RecordWatch();
  /** Undefined once the handshake is over. */
  #handshake: HandshakeEvents | undefined;
  #native: BunTlsNative | undefined = undefined;
  #events: SocketEvents | undefined = undefined;
  #error: unknown = undefined;
  #isPaused = false;
  /** Data that arrived while reading was paused, or before `start`. */
  readonly #held: Uint8Array[] = [];
  /** EOF has arrived and is not delivered yet. */
  #isEndHeld = false;
  /** True if an alert (close_notify) announced the EOF. */
  #isEndAnnounced = false;
  #hasEnded = false;
  /**
   * The last read may end in an alert: reading is paused until the end of the
   * turn.
   */
  #isLooking = false;
  #isShutDown = false;
  /** The connection below is closed. */
  #isGone = false;
  /** Closed from this end; the native close event is ignored. */
  #isAborted = false;
  #isClosed = false;

  constructor(plain: Socket, events: HandshakeEvents, end: BunTlsEnd) {
    super(plain);
    this.#handshake = events;
    this.#end = end;
  }

  begin(received: Uint8Array | undefined): void {
    const { plain } = this;
    plain.start(this);
    plain.resume();
    // Bytes that were read before come first, through `onData`, and are then
    // passed to Bun.
    if (plain.under === undefined) this.#upgrade(received);
  }

  #upgrade(received: Uint8Array | undefined): void {
    const plain = this.plain.under ?? this.plain;
    if (received !== undefined) this.#watch.onRead(received);
    try {
      const [, native] = (plain as BunPlainSocket).upgrade({
        ...this.#end.upgrade,
        ...(received !== undefined && { initialData: received.slice() }),
        data: this,
        socket: handlers,
      }) as [unknown, BunTlsNative];
      this.#native = native;
    } catch (error) {
      outsideAsyncContext(
        queueMicrotask,
        () => this.#failHandshake(handshakeFailure(error)),
      );
    }
  }

  onHandshake(isDone: boolean, verdict: BunError | null): void {
    if (this.#handshake === undefined) return;
    const native = this.#native;
    if (native === undefined) {
      // Bun may call this inside `upgradeTLS`, before it returns the native
      // socket.
      outsideAsyncContext(
        queueMicrotask,
        () => this.onHandshake(isDone, verdict),
      );
      return;
    }
    const isWrongName = verdict?.code === WRONG_NAME;
    if (!isDone && !isWrongName) {
      return this.#failHandshake(handshakeFailure(verdict));
    }
    const certificate = native.getPeerCertificate() ?? {};
    const shown = certificateOf(certificate);
    const { isStrict, serverName, upgrade } = this.#end;
    const wrong = this.#end.faultOf(certificate, verdict);
    if (isStrict && shown === undefined) {
      return this.#refuse({ reason: "no-certificate", cause: undefined });
    }
    if (isStrict && wrong) return this.#refuse(handshakeFailure(wrong, wrong));
    const { name = "", standardName = name } = native.getCipher() ?? {};
    this.info = {
      version: native.getTLSVersion() as TlsVersion,
      cipher: standardName,
      alpn: native.alpnProtocol || undefined,
      serverName: upgrade.isServer
        ? requestedName(native.getServername())
        : serverName,
      peerCertificate: shown,
      isAuthorized: shown !== undefined && !wrong,
    };
    const handshake = this.#handshake;
    this.#handshake = undefined;
    handshake.onSecure(this);
  }

  cancel(): void {
    if (this.#handshake === undefined) return;
    this.#handshake = undefined;
    this.#terminate();
  }

  /** Sends FIN before closing: a reset could overtake the alert. */
  #failHandshake(failure: HandshakeFailure): void {
    const handshake = this.#handshake;
    if (handshake === undefined) return;
    this.#handshake = undefined;
    attempt(() => this.#native?.shutdown());
    this.#terminate();
    handshake.onHandshakeFailed(withAlert(failure, this.#watch.plainAlert));
  }

  /**
   * Resets the connection, since the peer's certificate is invalid but TLS has
   * already told the peer that the handshake succeeded: it must not take this
   * for a clean end.
   */
  #refuse(failure: HandshakeFailure): void {
    const handshake = this.#handshake;
    this.#handshake = undefined;
    this.#terminate();
    handshake?.onHandshakeFailed(failure);
  }

  #closedTooSoon(): void {
    const error = this.#error;
    endOfTurn(() =>
      this.#failHandshake(
        error === undefined
          ? { reason: "closed", cause: undefined }
          : handshakeFailure(error),
      )
    );
  }

  // The socket, as the core uses it.

  start(events: SocketEvents): void {
    this.#events = events;
    this.resume();
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    const native = this.#native;
    if (this.#isClosed || this.#isAborted || native === undefined) return 0;
    try {
      const taken = native.write(buffer, start, end - start);
      if (taken >= 0) return taken;
      native.resume(); // while paused, Bun would not report the close
    } catch (error) {
      this.#abandon(error);
    }
    return 0;
  }

  pause(): void {
    this.#isPaused = true;
    attempt(() => this.#native?.pause());
  }

  resume(): void {
    this.#isPaused = false;
    if (!this.#isLooking) attempt(() => this.#native?.resume());
    if (this.#held.length === 0 && !this.#isEndHeld) return;
    outsideAsyncContext(queueMicrotask, this.#deliverHeld);
  }

  shutdownWrite(): void {
    this.#isShutDown = true;
    try {
      this.#native?.shutdown();
    } catch (error) {
      this.#abandon(error);
    }
  }

  destroy(): void {
    if (this.#isClosed || this.#isAborted) return;
    this.#terminate();
    outsideAsyncContext(queueMicrotask, () => this.#close(undefined));
  }

  // Events of Bun's TLS socket.

  onNativeData(chunk: Uint8Array): void {
    this.#watch.onDecrypted(chunk.length);
    if (this.#isClosed || this.#isAborted) return;
    const events = this.#events;
    const mustWait = this.#isPaused || events === undefined ||
      this.#held.length > 0;
    if (mustWait) this.#held.push(chunk);
    else deliverRead(events, chunk);
  }

  onDrain(): void {
    this.#events?.onWritable();
  }

  onNativeEnd(): void {
    if (this.#handshake !== undefined) return this.#closedTooSoon();
    this.#isEndAnnounced = this.#endsInAlert;
    this.#isEndHeld = true;
    this.#deliverHeld();
  }

  onNativeError(error: Error): void {
    this.#error ??= error;
  }

  onNativeClose(error: Error | undefined): void {
    this.#error ??= error;
    if (this.#handshake !== undefined) return this.#closedTooSoon();
    if (this.#isClosed || this.#isAborted) return;
    const cause = this.#error;
    if (cause !== undefined) return this.#close(secureFailureOf(cause));
    this.#isEndAnnounced ||= this.#endsInAlert;
    if (!this.#isEndAnnounced) {
      return this.#close(new SocketFailure("reset", "connection reset"));
    }
    // Both ends are closed. Data from before is delivered first, once reading
    // is resumed.
    if (!this.#isShutDown || this.#hasEnded) this.#isPaused = false;
    this.#isEndHeld = true;
    this.#isGone = true;
    this.#deliverHeld();
  }

  // Events of the plain socket. Whatever they deliver reaches TLS as well.

  readBuffer(): Uint8Array {
    return EMPTY;
  }

  onData(buffer: Uint8Array, length: number): void {
    // A view for each read would cost more than the check.
    if (this.#native !== undefined) {
      this.#watch.onRead(buffer, length);
      if (this.#watch.endsInAlert) this.#lookForAlert();
    } else if (this.#handshake !== undefined) {
      this.#upgrade(buffer.subarray(0, length));
    }
  }

  onWritable(): void {}

  onEnd(): void {}

  /**
   * The plain socket does not see EOF, so it reports any end as a reset. After
   * the upgrade, the events of TLS decide instead.
   */
  onClose(failure?: SocketFailure): void {
    if (this.#native !== undefined) return;
    this.#error = failure?.cause;
    this.#closedTooSoon();
  }

  /**
   * Pauses TLS until the end of the turn: an end that the last read announced
   * is then reported before anything else, and a close of the connection behind
   * it only after reading is resumed.
   */
  #lookForAlert(): void {
    if (!this.#isLooking) endOfTurn(this.#stopLooking);
    this.#isLooking = true;
    attempt(() => this.#native?.pause());
  }

  readonly #stopLooking = (): void => {
    this.#isLooking = false;
    if (!this.#isPaused) attempt(() => this.#native?.resume());
  };

  get #endsInAlert(): boolean {
    return this.#isLooking && this.#watch.endsInAlert;
  }

  readonly #deliverHeld = (): void => {
    while (!this.#isPaused && !this.#isClosed && !this.#isAborted) {
      if (this.#events === undefined) return;
      const chunk = this.#held.shift();
      if (chunk === undefined) break;
      deliverRead(this.#events, chunk);
    }
    if (this.#isPaused || this.#isClosed || this.#isAborted) return;
    if (!this.#isEndHeld || this.#events === undefined) return;
    if (!this.#hasEnded) this.#deliverEnd(this.#events);
    if (!this.#isGone) return;
    this.#close(
      this.#isShutDown
        ? undefined
        : new SocketFailure("reset", "connection reset"),
    );
  };

  #deliverEnd(events: SocketEvents): void {
    this.#hasEnded = true;
    if (this.#isEndAnnounced) return events.onEnd();
    this.#close(new SocketFailure("truncated", new Error(TRUNCATED)));
    this.#terminate();
  }

  /** Closes the connection after a call of Bun threw `error`. */
  #abandon(error: unknown): void {
    this.#terminate();
    const failure = failureOf(error);
    outsideAsyncContext(queueMicrotask, () => this.#close(failure));
  }

  #terminate(): void {
    this.#isAborted = true;
    attempt(() =>
      this.#isShutDown ? this.#native?.close() : this.#native?.terminate()
    );
    this.plain.destroy();
  }

  #close(failure: SocketFailure | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#events?.onClose(failure);
  }
}
