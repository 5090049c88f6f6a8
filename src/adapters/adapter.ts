/**
 * The contract between the core and a runtime's sockets.
 *
 * An adapter moves bytes and reports what happened; it holds no policy. What
 * to queue, when to give up, how long to wait after a failure: the core decides.
 *
 * These rules hold for every adapter:
 *
 * - No event is delivered from inside a call to the adapter or to one of its
 *   objects. What a call causes is reported later.
 * - Event methods are called on the core with nothing of the adapter's on the
 *   stack that a throw could corrupt; the core never throws out of an event.
 * - No call throws, whatever the host does. What it throws ends the connection
 *   that it is about, by `onClose`, or the connect; what sets an option, or
 *   closes, is without effect then. Listeners go on.
 * - Events and callbacks come in nobody's asynchronous context: an
 *   `AsyncLocalStorage` has there what it had where the adapter was loaded, and
 *   never the store of whoever caused the event, since many are served by one.
 *
 * @module
 */

import { MAX_REASON, messageOf } from "../util/text.ts";

/** One end of a TCP connection, or the address a listener is bound to. */
export interface Address {
  /** A host name or a literal IP address, IPv6 without brackets. */
  readonly hostname: string;
  /** 0 to 65535. */
  readonly port: number;
}

/**
 * What went wrong, in the words every runtime's errors are translated into.
 *
 * - `refused`: nobody listens at the address.
 * - `reset`: the connection ended without a FIN: reset, broken pipe, or lost.
 * - `name-not-found`: the host name does not resolve.
 * - `in-use`: another socket is bound to the address.
 * - `not-available`: the address is not one of this machine's.
 * - `denied`: the runtime or the system does not permit it.
 * - `unreachable`: no route to the host or its network.
 * - `timed-out`: the system gave up waiting.
 * - `exhausted`: out of file descriptors, buffers or memory.
 * - `transient`: this attempt failed, the next may succeed
 *   (a connection that was reset before it was accepted).
 * - `other`: none of these; see `cause`.
 */
export type FailureKind =
  | "refused"
  | "reset"
  | "name-not-found"
  | "in-use"
  | "not-available"
  | "denied"
  | "unreachable"
  | "timed-out"
  | "exhausted"
  | "transient"
  | "other";

/** A failure of the runtime's sockets; `cause` is the runtime's own error. */
export class SocketFailure extends Error {
  /** The name of the class. */
  override readonly name = "SocketFailure";
  /** What went wrong. */
  readonly kind: FailureKind;

  /** Translates `cause` (the runtime's own error) as `kind`. */
  constructor(kind: FailureKind, cause: unknown) {
    super(messageOf(cause, MAX_REASON), { cause });
    this.kind = kind;
  }
}

/** Returned by {@linkcode Socket.write} when the socket keeps the bytes for a while. */
export const BORROWED: number = -1;

/** Milliseconds of silence after which the first keep-alive probe is sent, where the runtime takes a delay. */
export const KEEP_ALIVE_DELAY_MS: number = 60_000;

/** What a reactor may see and set of its socket. */
export interface TcpSocket {
  /** This end of the connection. On Bun and Node it is empty if it is first asked for when the socket is closed. A link-local address has its zone, but not on Deno and Bun where the listener was bound without one. */
  readonly localAddress: Address;
  /** The peer's end of the connection. On Bun the same holds for it. */
  readonly remoteAddress: Address;
  /** Sets or clears TCP_NODELAY; without effect once the socket is closed. */
  setNoDelay(on: boolean): void;
  /** Turns TCP keep-alive probes on or off, as the option `keepAlive` does; without effect once the socket is closed. */
  setKeepAlive(on: boolean): void;
}

/** One TCP connection. */
export interface Socket extends TcpSocket {
  /**
   * Gives the socket its receiver and begins reading. Called once, inside
   * `onAccept` or `onConnect`; nothing is read before.
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
   * Of an adapter that counts, `buffer` may be an object of the user's, on which
   * anybody may have put properties: only its bytes are to be looked at.
   */
  write(buffer: Uint8Array, start: number, end: number): number;

  /** Stops reading at once: neither `onData` nor `onEnd` until `resume`. Idempotent. */
  pause(): void;

  /** Goes on reading. Idempotent. */
  resume(): void;

  /**
   * Sends FIN. Called at most once, when no write is left or borrowed. When
   * the peer's FIN is in as well the socket closes by itself.
   */
  shutdownWrite(): void;

  /**
   * Aborts: closes now and drops what is not out, by a reset where the runtime
   * can. Idempotent; `onClose` follows unless it has been.
   */
  destroy(): void;
}

/** What the core hears of a started {@linkcode Socket}. */
export interface SocketEvents {
  /**
   * Where the next read is to put its bytes, 1 or more: asked, once before each
   * read, by sockets that read into memory they are given. It is the socket's
   * until `onData` is called with it, or for good if the socket closes.
   */
  readBuffer(): Uint8Array;
  /** Bytes came in: the first `length` (at least 1) of `buffer`, valid during the call only. */
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

/** Where to listen, and how. */
export interface ListenOptions {
  /** A host name or a literal IP address. */
  readonly hostname: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** How many connections wait to be accepted at most; a hint to the system. */
  readonly backlog: number;
  /** Share the port with other listeners that set this (SO_REUSEPORT). */
  readonly reusePort: boolean;
}

/** A bound socket that accepts connections. */
export interface Listener {
  /** Where it is bound; `port` is the real one. */
  readonly address: Address;
  /** Goes on accepting after `onAcceptError`. */
  resume(): void;
  /**
   * Stops listening; no event follows. Accepted sockets live on. Resolves when
   * the address can be listened on again. Called once.
   */
  close(): Promise<void>;
}

/** What the core hears of a {@linkcode Listener}. */
export interface ListenerEvents {
  /** A connection came in; the core either starts or destroys the socket before it returns. */
  onAccept(socket: Socket): void;
  /** Accepting failed; the listener accepts nothing more until `resume` (if the runtime leaves the choice). */
  onAcceptError(failure: SocketFailure): void;
}

/** What the core hears of a connect: one of the two, once, unless it was cancelled. */
export interface ConnectEvents {
  /** Connected; the core either starts or destroys the socket before it returns. */
  onConnect(socket: Socket): void;
  /** Not connected. */
  onConnectError(failure: SocketFailure): void;
}

/** A connect under way. */
export interface PendingConnect {
  /** Gives up: neither event follows, and nothing is left open. Idempotent. */
  cancel(): void;
}

/** A timer that {@linkcode Adapter.setTimer} armed. */
export type TimerHandle = unknown;

/** A runtime's sockets and clocks. One object serves any number of runtimes of the library. */
export interface Adapter {
  /** For messages and tests: `deno`, `bun`, `node`, … */
  readonly name: string;

  /**
   * True if `write` may return {@linkcode BORROWED}: then every buffer given
   * to it must be the core's own, never a user's.
   */
  readonly borrowsWrites: boolean;

  /** True if `reusePort` works here, and connections are spread over the listeners that share a port. */
  readonly reusesPorts: boolean;

  /** Milliseconds on a clock that never goes back, with fractions. */
  now(): number;

  /** Milliseconds since 1970 on the clock of the wall, which may be set back or forth. */
  wallNow(): number;

  /** Calls back once, not before `delayMs` (0 to 2^31 - 1) have passed. Keeps the process alive. */
  setTimer(callback: () => void, delayMs: number): TimerHandle;

  /** Disarms a timer; harmless after it fired. */
  clearTimer(timer: TimerHandle): void;

  /**
   * Calls back once, when the events that the host has at hand are dealt with
   * and before it sleeps. A callback that asks again lets sockets be served
   * in between.
   */
  endOfTurn(callback: () => void): void;

  /**
   * Calls back once, when every socket that was ready at the time of the call,
   * and every connect that was decided, has been served: by then a timer that is
   * over proves that nothing came in time, even if the process stood still.
   */
  afterPoll(callback: () => void): void;

  /** Binds and listens. Rejects with a {@linkcode SocketFailure}. Events come only after the promise is settled. */
  listen(options: ListenOptions, events: ListenerEvents): Promise<Listener>;

  /** Starts to connect. */
  connect(address: Address, events: ConnectEvents): PendingConnect;
}
