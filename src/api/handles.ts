/**
 * The results of `listen` and `connect`.
 *
 * @module
 */

import type { Address, SocketAddress } from "../contract/address.ts";
import type { DropCounts } from "./drops.ts";
import type { ReactorID } from "./reactor_id.ts";
import type { ConnectionStats, ListenerStats } from "../stats/stats.ts";
import type { TlsListenOptions } from "./options/tls.ts";

/**
 * A listener, as returned by {@linkcode ReactRuntime.listen}. It can be used
 * wherever a {@linkcode ReactorRef} is expected, and stays valid forever: once
 * the listener is closed, its methods do nothing. If the type of the address is
 * that of a TCP address, `listener.address.port` type-checks; see
 * {@linkcode AddressOf}.
 *
 * @category Reactors
 */
export interface ListenerHandle<Bound extends Address = Address> {
  /** Its id in its runtime. */
  readonly id: ReactorID;

  /** The address it is bound to; the port is the real one. */
  readonly address: Bound;

  /**
   * How many of the connections that it accepted are open. A connection counts once
   * its reactor is known: not yet in `onNewConnection`, but in `onConnected`, and
   * still in `onClose`. Behind a proxy, connections whose PROXY header is not
   * complete yet count as well.
   */
  readonly connectionCount: number;

  /**
   * How many connections were dropped so far, for whatever reason. Those that the
   * handler refused with `null` do not count.
   */
  readonly dropCount: number;

  /** How many connections were dropped so far, by reason: a copy of the counts. */
  readonly dropCounts: DropCounts;

  /**
   * Returns the statistics of the listener and of the connections that it
   * accepted. It visits every connection of the runtime. The counts continue to
   * grow after the listener is closed.
   *
   * @returns A copy, which is plain data.
   */
  stats(): ListenerStats;

  /**
   * Resolves when the listener is closed and `onCloseListen` has returned, with
   * the reason that it was given. Never rejects.
   */
  readonly whenClosed: Promise<Error | undefined>;

  /**
   * Replaces the TLS options for connections that come in from now on, for example
   * to renew a certificate. Open connections and handshakes in progress keep the
   * old ones.
   *
   * @param tls All options, as for a listen, except that `start` stays as it is.
   * @throws {InvalidCredentialError} If a certificate or key is missing or
   * unusable; the listener keeps the old ones.
   * @throws {InvalidOptionError} If another option is out of range, or the listener
   * has no TLS.
   */
  setTls(tls: TlsListenOptions): void;

  /**
   * Releases the address, so that new connections are refused, but keeps the
   * listener and the connections that it accepted. It closes by itself when the
   * last of them is closed. If `onNewConnection` calls this, the connection it
   * is about to accept is one of them.
   *
   * @returns Resolves when the address is free again.
   */
  stopAccepting(): Promise<void>;

  /**
   * Closes the listener; the connections that it accepted stay open.
   *
   * @param reason Passed to `onCloseListen`; `undefined` means a graceful
   * close.
   * @returns Resolves when it is closed, whoever closed it.
   */
  close(reason?: Error): Promise<void>;
}

/**
 * A connection, as returned by {@linkcode ReactRuntime.connect}. It can be used
 * wherever a {@linkcode ReactorRef} is expected, and stays valid forever: once the
 * connection is closed, its methods do nothing.
 *
 * @category Reactors
 */
export interface ConnectionHandle<UserCommand = unknown, Value = unknown> {
  /** The id of its reactor in its runtime. */
  readonly id: ReactorID<UserCommand, Value>;

  /** This end of the connection. */
  readonly localAddress: SocketAddress;

  /** The peer's end of the connection. */
  readonly remoteAddress: SocketAddress;

  /**
   * Returns the statistics of the connection; once it is closed, the final ones.
   *
   * @returns A copy, which is plain data.
   */
  stats(): ConnectionStats;

  /**
   * Resolves when the connection is closed and `onClose` has returned, with the
   * reason that it was given. Never rejects.
   */
  readonly whenClosed: Promise<Error | undefined>;

  /**
   * Closes the connection gracefully: sends all queued bytes, then FIN, and
   * waits for the peer's FIN.
   *
   * @param reason Passed to `onClose`; `undefined` means a graceful close.
   * @returns Resolves when it is closed, whoever closed it.
   */
  close(reason?: Error): Promise<void>;

  /**
   * Closes the connection now and drops all queued bytes, with a reset where
   * the runtime supports it.
   *
   * @param reason Passed to `onClose`.
   * @returns Resolves when it is closed, whoever closed it.
   */
  abort(reason?: Error): Promise<void>;
}
