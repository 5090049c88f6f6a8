/**
 * How an adapter connects.
 *
 * @module
 */

import type { ConnectAddress } from "./address.ts";
import type { SocketFailure } from "./failure.ts";
import type { Socket } from "./socket.ts";

/**
 * Where to connect to, and how.
 *
 * @category Adapters
 */
export interface AdapterConnectOptions {
  /**
   * An address of one of the adapter's transports. If the adapter has
   * `resolve`, the hostname is a literal address, or a result of `resolve`.
   */
  readonly address: ConnectAddress;
}

/**
 * The outcome of a connect: one of the two is called, once, unless the connect
 * was cancelled.
 *
 * @category Adapters
 */
export interface ConnectEvents {
  /**
   * Connected; the core either starts or destroys the socket before it returns.
   *
   * @param socket The connection.
   */
  onConnect(socket: Socket): void;
  /**
   * The connect failed.
   *
   * @param failure Why.
   */
  onConnectError(failure: SocketFailure): void;
}

/**
 * A connect under way.
 *
 * @category Adapters
 */
export interface PendingConnect {
  /**
   * Cancels the connect: neither event follows, and nothing stays open.
   * Idempotent.
   */
  cancel(): void;
}
