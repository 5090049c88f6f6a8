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
  /**
   * An address of one of the adapter's transports; port 0 lets the system
   * choose. An inherited socket belongs to the listener, which closes it.
   */
  readonly address: Address;
  /** How many connections may wait to be accepted; a hint to the system. */
  readonly backlog: number;
  /** Share the port with other listeners that set this (SO_REUSEPORT). */
  readonly reusePort: boolean;
  /**
   * The permissions of the file of a Unix socket. The file never exists with
   * other permissions. If undefined, the system chooses.
   */
  readonly mode?: number | undefined;
}

/**
 * A bound socket that accepts connections.
 *
 * @category Adapters
 */
export interface Listener {
  /**
   * The bound address, with the real port. For an inherited Unix socket, it is
   * the requested address, since no runtime reports its path.
   */
  readonly address: Address;
  /** Continues accepting after `onAcceptError`. */
  resume(): void;
  /**
   * Stops listening; no event follows. Accepted sockets stay open. Resolves
   * when the address is free again. Called once.
   *
   * @returns Resolves when the address is free again.
   */
  close(): Promise<void>;
}

/**
 * The events of a {@linkcode Listener}.
 *
 * @category Adapters
 */
export interface ListenerEvents {
  /**
   * A connection was accepted; the core either starts or destroys the socket
   * before it returns.
   *
   * @param socket The connection.
   */
  onAccept(socket: Socket): void;
  /**
   * Accepting failed. If the runtime allows it, the listener accepts nothing
   * more until `resume`.
   *
   * @param failure Why.
   */
  onAcceptError(failure: SocketFailure): void;
}
