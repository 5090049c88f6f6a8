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
 * When a system probes a peer that is silent.
 *
 * @category Adapters
 */
export interface KeepAliveTimes {
  /** Milliseconds of silence before the first probe. */
  readonly idleMs: number;
  /** Milliseconds from one probe to the next. */
  readonly intervalMs: number;
  /** Probes without an answer after which the peer is gone. */
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
  /** What a proxy has said of the connection, if it came with a PROXY header: adapters leave that to the core. */
  readonly proxy?: ProxyInfo | undefined;
  /**
   * True if `write` may return {@linkcode BORROWED}: then every buffer given to
   * it must be the core's own, never a user's. Does not change.
   */
  readonly borrowsWrites: boolean;
  /**
   * What this one stands for, of which something was read already: that comes
   * first to whom this is started with. Left out by all others.
   */
  readonly under?: Socket | undefined;
  /** What its handshake has agreed on; left out by sockets without TLS. */
  readonly tls?: TlsInfo | undefined;
  /** What its upgrade has agreed on; left out by sockets without one. */
  readonly upgraded?: object | undefined;

  /** Sets or clears TCP_NODELAY; without effect once the socket is closed. */
  setNoDelay(on: boolean): void;

  /**
   * Turns TCP keep-alive probes on, at these times as far as the runtime takes
   * them, or off; without effect once the socket is closed.
   */
  setKeepAlive(times: KeepAliveTimes | undefined): void;

  /**
   * Gives the socket its receiver and begins reading: inside `onAccept`,
   * `onConnect`, `onSecure` or `onUpgraded`; nothing is read before.
   *
   * Called again, it hands the socket on to another receiver, which hears of all
   * that follows: inside an event of the receiver before, or while reading is
   * paused, and then it stays so. What is borrowed stays borrowed. A read that
   * is under way keeps the buffer that it was given.
   */
  start(events: SocketEvents): void;

  /**
   * Offers the bytes from `start` (inclusive) to `end` (exclusive) of `buffer`,
   * one at least, to the kernel. Never throws.
   *
   * Returns either how many of them the kernel took (0 to `end - start`; the
   * buffer is then the caller's again, and if some were left `onWritable`
   * follows), or {@linkcode BORROWED}: the socket sends all of them by itself,
   * and until `onWritable` says that they are out the caller neither changes
   * those bytes nor calls `write`.
   *
   * On a connection that is gone it returns 0; `onClose` follows or has been.
   *
   * Of a socket that borrows nothing, `buffer` may be an object of the user's, on which
   * anybody may have put properties: only its bytes are to be looked at.
   */
  write(buffer: Uint8Array, start: number, end: number): number;

  /** Stops reading at once: neither `onData` nor `onEnd` until `resume`. Idempotent. */
  pause(): void;

  /** Goes on reading. Idempotent. */
  resume(): void;

  /**
   * Sends FIN. Called at most once, when no write is left or borrowed. When
   * the peer's FIN is in as well the socket closes by itself. `reason` is why, if
   * that is not in good order, for sockets that can tell their peer.
   */
  shutdownWrite(reason?: Error): void;

  /**
   * Aborts: closes now and drops what is not out, by a reset where the runtime
   * can. Idempotent; `onClose` follows unless it has been.
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
   * Where the next read is to put its bytes, 1 or more: asked, once before each
   * read, by sockets that read into memory they are given. It is the socket's
   * until `onData` is called with it, or for good if the socket closes.
   */
  readBuffer(): Uint8Array;
  /**
   * Bytes came in: the first `length` (at least 1) of `buffer`, valid during the call
   * only. A handler may be given a `buffer` of less than 64 KiB that they fill, and put
   * properties on it: then it is not to be read into again.
   */
  onData(buffer: Uint8Array, length: number): void;
  /**
   * Borrowed bytes are out: comes then and not before. If none are borrowed: a
   * full socket takes more, or nothing has changed.
   */
  onWritable(): void;
  /** The peer sent FIN: no `onData` after this. This side stays open. At most once. */
  onEnd(): void;
  /** The socket is gone: exactly once, and last. `failure` tells why if it was not in good order. */
  onClose(failure?: SocketFailure): void;
}
