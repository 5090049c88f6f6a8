/**
 * One connection of an adapter.
 *
 * @module
 */

import type { SocketAddress } from "./address.ts";
import type { SocketFailure } from "./failure.ts";
import type { ProxyInfo } from "./proxy.ts";
import type { TlsInfo } from "./tls_info.ts";

/**
 * Returned by {@linkcode Socket.write} when the socket keeps the bytes until a
 * later `onWritable`.
 *
 * @category Adapters
 */
export const BORROWED: number = -1;

/**
 * When the system probes a silent peer.
 *
 * @category Adapters
 */
export interface KeepAliveTimes {
  /** Milliseconds of silence before the first probe. */
  readonly idleMs: number;
  /** Milliseconds between two probes. */
  readonly intervalMs: number;
  /** Number of unanswered probes after which the peer counts as gone. */
  readonly count: number;
}

/**
 * The options of a socket. What is undefined is left as it is.
 *
 * @category Adapters
 */
export interface SocketOptions {
  /** TCP_NODELAY: true to send small writes at once. */
  readonly noDelay?: boolean | undefined;
  /** When TCP keep-alive probes are sent; false to send none. */
  readonly keepAlive?: KeepAliveTimes | false | undefined;
}

/**
 * One connection, in TLS or not.
 *
 * @category Adapters
 */
export interface Socket {
  /** This end of the connection. */
  readonly localAddress: SocketAddress;
  /** The peer's end of the connection. */
  readonly remoteAddress: SocketAddress;
  /**
   * The content of the PROXY header, if the connection began with one. Set by
   * the core, not by adapters.
   */
  readonly proxy?: ProxyInfo | undefined;
  /**
   * True if `write` may return {@linkcode BORROWED}: then every buffer passed to
   * `write` must belong to the core, never to a user. Never changes.
   */
  readonly borrowsWrites: boolean;
  /**
   * The socket that this one wraps, if some data was already read from it: that
   * data is delivered first to the receiver passed to `start`. Left out by all
   * others.
   */
  readonly under?: Socket | undefined;
  /** What its TLS handshake negotiated; left out by sockets without TLS. */
  readonly tls?: TlsInfo | undefined;
  /** What its upgrade negotiated; left out by sockets without one. */
  readonly upgraded?: object | undefined;
  /**
   * True while the socket holds bytes that it has reported as written, and that
   * `destroy` would drop. Left out by sockets that never do.
   */
  readonly isHolding?: boolean | undefined;

  /**
   * Sets those of the options that the runtime supports. Has no effect once the
   * socket is closed.
   *
   * @param options What to set.
   */
  setOptions(options: SocketOptions): void;

  /**
   * Sets the receiver of the events and starts reading; nothing is read before.
   * Called inside `onAccept`, `onConnect`, `onSecure` or `onUpgraded`.
   *
   * A second call hands the socket on to another receiver, which gets all
   * events from then on. It is made inside an event of the previous receiver,
   * or while reading is paused; then reading stays paused. Borrowed bytes stay
   * borrowed. A read in progress keeps its buffer.
   *
   * @param events Gets all events from now on.
   */
  start(events: SocketEvents): void;

  /**
   * Offers the bytes from `start` (inclusive) to `end` (exclusive) of `buffer`,
   * at least one, to the kernel. Never throws.
   *
   * Returns how many of them the kernel took, 0 to `end - start`. The buffer
   * then belongs to the caller again, and if bytes are left, `onWritable`
   * follows. Or returns {@linkcode BORROWED}: the socket sends all of them by
   * itself, and until `onWritable` reports that they are out, the caller must
   * neither change those bytes nor call `write`.
   *
   * If the connection is gone, it returns 0; `onClose` follows or was called
   * before.
   *
   * If the socket does not borrow, `buffer` may be a user's object with extra
   * properties: use only its bytes.
   *
   * @param buffer What to write a part of.
   * @param start Offset of the first byte.
   * @param end Offset after the last byte.
   * @returns How many bytes were taken, or {@linkcode BORROWED}.
   */
  write(buffer: Uint8Array, start: number, end: number): number;

  /**
   * Stops reading at once: neither `onData` nor `onEnd` is called until
   * `resume`. Idempotent.
   */
  pause(): void;

  /** Continues reading. Calls no event inside this call. Idempotent. */
  resume(): void;

  /**
   * Sends FIN. Called at most once, when all writes are done and no bytes are
   * borrowed. Once the peer's FIN has arrived as well, the socket closes by
   * itself. `reason` is set if the connection does not end cleanly, for sockets
   * that can tell their peer.
   *
   * @param reason Why the connection does not end cleanly, if it does not.
   */
  shutdownWrite(reason?: Error): void;

  /**
   * Aborts: closes now and drops unsent bytes, with a reset where the runtime
   * supports it. After a FIN there is no reset: the system delivers what it has
   * taken. Idempotent; `onClose` follows unless it was called before.
   */
  destroy(): void;
}

/**
 * The events of a started {@linkcode Socket}.
 *
 * @category Adapters
 */
export interface SocketEvents {
  /**
   * Returns the buffer for the next read, at least one byte long. Called before
   * each read by sockets that read into memory of the core. The socket owns the
   * buffer until it passes it to `onData`, or for good if the socket closes.
   *
   * @returns The buffer.
   */
  readBuffer(): Uint8Array;
  /**
   * Bytes came in: the first `length` (at least 1) of `buffer`, valid during
   * the call only. If `buffer` is shorter than 64 KiB and full, it may be
   * passed on to a handler, which may set properties on it: the socket must not
   * read into it again.
   *
   * @param buffer Begins with the bytes.
   * @param length How many they are.
   */
  onData(buffer: Uint8Array, length: number): void;
  /**
   * All borrowed bytes are out; never called earlier. If none are borrowed: a
   * socket that was full may take more.
   */
  onWritable(): void;
  /**
   * The peer sent FIN: no `onData` follows. This side stays open. At most once.
   */
  onEnd(): void;
  /**
   * The socket is closed: called exactly once, as the last event. `failure` is
   * set if it did not end cleanly.
   *
   * @param failure Why it did not end cleanly, if it did not.
   */
  onClose(failure?: SocketFailure): void;
}
