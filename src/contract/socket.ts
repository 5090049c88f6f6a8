/**
 * One connection, as an adapter has it.
 *
 * @module
 */

import type { SocketAddress } from "./address.ts";
import type { SocketFailure } from "./failure.ts";
import type { ProxyInfo } from "./proxy.ts";
import type { TlsInfo } from "./tls_info.ts";

/**
 * Returned by {@linkcode Socket.write} when the socket keeps the bytes for a
 * while.
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
  /** Milliseconds from one probe to the next. */
  readonly intervalMs: number;
  /** Number of unanswered probes after which the peer counts as gone. */
  readonly count: number;
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
  /** What the PROXY header said, if the connection came with one. The core sets this, not adapters. */
  readonly proxy?: ProxyInfo | undefined;
  /**
   * True if `write` may return {@linkcode BORROWED}: then every buffer passed to
   * `write` must belong to the core, never to a user. Never changes.
   */
  readonly borrowsWrites: boolean;
  /**
   * What this one stands for, of which something was read already: that comes
   * first to whom this is started with. Left out by all others.
   */
  readonly under?: Socket | undefined;
  /** What its TLS handshake negotiated; left out by sockets without TLS. */
  readonly tls?: TlsInfo | undefined;
  /** What its upgrade negotiated; left out by sockets without one. */
  readonly upgraded?: object | undefined;
  /** True while it keeps something itself that it has said to be out, and that `destroy` would drop; left out by sockets that never do. */
  readonly isHolding?: boolean | undefined;

  /** Sets or clears TCP_NODELAY; has no effect once the socket is closed. */
  setNoDelay(on: boolean): void;

  /**
   * Turns TCP keep-alive probes on, with those of these times that the runtime can
   * set, or off. Has no effect once the socket is closed.
   */
  setKeepAlive(times: KeepAliveTimes | undefined): void;

  /**
   * Sets the receiver of the socket and begins reading; nothing is read before.
   * Called inside `onAccept`, `onConnect`, `onSecure` or `onUpgraded`.
   *
   * If called again, it hands the socket on to another receiver, which gets all
   * events from then on. That happens inside an event of the previous receiver, or
   * while reading is paused; then reading stays paused. Borrowed bytes stay
   * borrowed. A read that is under way keeps its buffer.
   */
  start(events: SocketEvents): void;

  /**
   * Offers the bytes from `start` (inclusive) to `end` (exclusive) of `buffer`, at
   * least one, to the kernel. Never throws.
   *
   * Returns how many of them the kernel took, 0 to `end - start`: the buffer is then
   * the caller's again, and if bytes are left, `onWritable` follows. Or it returns
   * {@linkcode BORROWED}: the socket sends all of them by itself, and until
   * `onWritable` says that they are out, the caller neither changes those bytes nor
   * calls `write`.
   *
   * If the connection is gone, it returns 0; `onClose` follows or was called before.
   *
   * If the socket does not borrow, `buffer` may be a user's object, which may have
   * extra properties: use only its bytes.
   */
  write(buffer: Uint8Array, start: number, end: number): number;

  /** Stops reading at once: calls neither `onData` nor `onEnd` until `resume`. Idempotent. */
  pause(): void;

  /** Continues reading. Idempotent. */
  resume(): void;

  /**
   * Sends FIN. Called at most once, when no write is left or borrowed. Once the
   * peer's FIN has arrived as well, the socket closes by itself. `reason` is set if
   * the connection does not end cleanly, for sockets that can tell their peer.
   */
  shutdownWrite(reason?: Error): void;

  /**
   * Aborts: closes now and drops unsent bytes, with a reset where the runtime can.
   * After a FIN there is no reset: the system delivers what it has taken.
   * Idempotent; `onClose` follows unless it was called before.
   */
  destroy(): void;
}

/**
 * What the core hears of a started {@linkcode Socket}.
 *
 * @category Adapters
 */
export interface SocketEvents {
  /**
   * Returns the buffer for the next read, of at least one byte. Sockets that read
   * into memory of the core call this once before each read. The buffer is the
   * socket's until it calls `onData` with it, or for good if the socket closes.
   */
  readBuffer(): Uint8Array;
  /**
   * Bytes came in: the first `length` (at least 1) of `buffer`, valid during the call
   * only. A handler may be given a `buffer` of less than 64 KiB that they fill, and put
   * properties on it: then it is not to be read into again.
   */
  onData(buffer: Uint8Array, length: number): void;
  /**
   * Borrowed bytes are out; never called before that. If none are borrowed: a full
   * socket takes more, or nothing has changed.
   */
  onWritable(): void;
  /** The peer sent FIN: no `onData` after this. This side stays open. At most once. */
  onEnd(): void;
  /** The socket is gone: called exactly once, as the last event. `failure` says why if it did not end cleanly. */
  onClose(failure?: SocketFailure): void;
}
