/**
 * What `listen` and `connect` resolve to.
 *
 * @module
 */

import type { Address, SocketAddress } from "../contract/address.ts";
import type { DropCounts } from "./drops.ts";
import type { ReactorID } from "./reactor_id.ts";
import type { ConnectionStats, ListenerStats } from "../stats/stats.ts";
import type { TlsListenOptions } from "./options/tls.ts";

/**
 * A listener, as {@linkcode ReactRuntime.listen} hands it out. It can be written
 * wherever a {@linkcode ReactorRef} is expected, and stays valid for ever: once
 * the listener is closed, its methods do nothing. Of an address that is known to be
 * one of TCP, `listener.address.port` is known as well: see {@linkcode AddressOf}.
 *
 * @category Reactors
 */
export interface ListenerHandle<Bound extends Address = Address> {
  /** Its id in its runtime. */
  readonly id: ReactorID;

  /** The address it is bound to; the port is the real one. */
  readonly address: Bound;

  /**
   * How many connections that it accepted are open. A connection counts from when
   * its reactor is known: in `onNewConnection` the one that comes in does not
   * count yet, in its `onConnected` it does, in its `onClose` it still does.
   * Behind a proxy, those count as well whose PROXY header is not whole yet.
   */
  readonly connectionCount: number;

  /**
   * How many connections were dropped so far, for whatever reason. Those that the
   * handler refused by `null` do not count.
   */
  readonly dropCount: number;

  /** How many connections were dropped so far, by reason: a copy of the counts. */
  readonly dropCounts: DropCounts;

  /**
   * What the listener, and the connections that it has accepted, have counted so
   * far, and how they are now. It looks at every connection of the runtime, and
   * goes on after the listener is closed.
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
   * Has connections that come in from now on served by this TLS: with a renewed
   * certificate, for instance. Those that are there keep what they have, and
   * handshakes under way go on with it.
   *
   * @param tls All of it, as for a listen; but when TLS starts stays as it is.
   * @throws {InvalidCredentialError} If a certificate or key is missing, or cannot
   * be used; the listener goes on with what it has.
   * @throws {InvalidOptionError} If another option is outside its range, or the
   * listener has no TLS.
   */
  setTls(tls: TlsListenOptions): void;

  /**
   * Gives up the address, so that new connections are refused, and keeps the
   * listener with those that it has accepted: it closes by itself when the last
   * of them is closed. Called from `onNewConnection`, the connection in hand is one
   * of them if it is accepted.
   *
   * @returns Resolves when the address can be listened on again.
   */
  stopAccepting(): Promise<void>;

  /**
   * Closes the listener; the connections that it accepted stay open.
   *
   * @param reason What `onCloseListen` is given; `undefined` means in good order.
   * @returns Resolves when it is closed, whoever closed it.
   */
  close(reason?: Error): Promise<void>;
}

/**
 * A connection, as {@linkcode ReactRuntime.connect} hands it out. It can be
 * written wherever a {@linkcode ReactorRef} is expected, and stays valid for
 * ever: once the connection is closed, its methods do nothing.
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
   * What the connection has counted so far, and how it is now; once it is closed,
   * what there was in all.
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
   * Closes the connection in good order: what is queued goes out, then FIN, then
   * the peer's FIN is waited for.
   *
   * @param reason What `onClose` is given; `undefined` means in good order.
   * @returns Resolves when it is closed, whoever closed it.
   */
  close(reason?: Error): Promise<void>;

  /**
   * Closes the connection now and drops what is queued, by a reset where the
   * runtime can.
   *
   * @param reason What `onClose` is given.
   * @returns Resolves when it is closed, whoever closed it.
   */
  abort(reason?: Error): Promise<void>;
}
