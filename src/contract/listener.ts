/**
 * How an adapter listens.
 *
 * @module
 */

import type { Address } from "./address.ts";
import type { SocketFailure } from "./failure.ts";
import type { Socket } from "./socket.ts";

/**
 * Where to listen, and how.
 *
 * @category Adapters
 */
export interface AdapterListenOptions {
  /** An address of one of the adapter's transports; port 0 lets the system choose. A socket that was handed over belongs to the listener, which closes it. */
  readonly address: Address;
  /** The most connections that may wait to be accepted; a hint to the system. */
  readonly backlog: number;
  /** Share the port with other listeners that set this (SO_REUSEPORT). */
  readonly reusePort: boolean;
  /**
   * The permissions of the file of a Unix socket, which never exists with any
   * others; undefined for those that the system chooses.
   */
  readonly mode?: number | undefined;
}

/**
 * A bound socket that accepts connections.
 *
 * @category Adapters
 */
export interface Listener {
  /** Where it is bound; `port` is the real one. For a Unix socket that was handed over, it is the requested address, since no runtime tells its path. */
  readonly address: Address;
  /** Continues accepting after `onAcceptError`. */
  resume(): void;
  /**
   * Stops listening; no event follows. Accepted sockets stay open. Resolves when
   * the address can be listened on again. Called once.
   */
  close(): Promise<void>;
}

/**
 * What the core hears of a {@linkcode Listener}.
 *
 * @category Adapters
 */
export interface ListenerEvents {
  /** A connection came in; the core either starts or destroys the socket before it returns. */
  onAccept(socket: Socket): void;
  /** Accepting failed; the listener accepts nothing more until `resume` (if the runtime leaves the choice). */
  onAcceptError(failure: SocketFailure): void;
}
