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
  /** Of a transport that the adapter has; port 0 lets the system choose. A socket that was handed over is the listener's, which closes it. */
  readonly address: Address;
  /** How many connections wait to be accepted at most; a hint to the system. */
  readonly backlog: number;
  /** Share the port with other listeners that set this (SO_REUSEPORT). */
  readonly reusePort: boolean;
  /**
   * The permissions of the file of a Unix socket, which nobody may connect to
   * with others; undefined if they are as the system makes them.
   */
  readonly mode?: number | undefined;
}

/**
 * A bound socket that accepts connections.
 *
 * @category Adapters
 */
export interface Listener {
  /** Where it is bound; `port` is the real one. Of a socket that was handed over and is a Unix socket, which no runtime tells the path of: what was asked for. */
  readonly address: Address;
  /** Goes on accepting after `onAcceptError`. */
  resume(): void;
  /**
   * Stops listening; no event follows. Accepted sockets live on. Resolves when
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
