/**
 * Upgrades: a further handshake before a connection is served.
 *
 * @module
 */

import type { Socket } from "./socket.ts";

/**
 * The outcome of an upgrade: one of the three is called, once, unless the
 * upgrade was cancelled.
 *
 * @category Adapters
 */
export interface UpgradeEvents {
  /**
   * Done; before it returns, the core either starts or destroys `socket`, which
   * carries all data from now on.
   *
   * @param socket The connection in the new protocol.
   */
  onUpgraded(socket: Socket): void;
  /**
   * The peer requested something else, and was answered; nothing is left open.
   */
  onAnswered(): void;
  /**
   * Failed with `error`; nothing is left open.
   *
   * @param error Why.
   */
  onUpgradeFailed(error: Error): void;
}

/**
 * An upgrade under way.
 *
 * @category Adapters
 */
export interface PendingUpgrade {
  /**
   * Cancels the upgrade: no event follows, and nothing is left open.
   * Idempotent.
   */
  cancel(): void;
}

/**
 * A time limit kept by the core. It ends only after every socket that was ready
 * by then has been served.
 *
 * @category Adapters
 */
export interface UpgradeLimit {
  /**
   * Starts the limit, which ends after `delayMs`. Called again, it starts over.
   *
   * @param delayMs The delay in milliseconds.
   */
  arm(delayMs: number): void;
  /** Stops the limit; it does not call back. */
  disarm(): void;
}

/**
 * What an upgrade gets from the core.
 *
 * @category Adapters
 */
export interface UpgradeHost {
  /**
   * The operation that the upgrade is part of, for messages: `connect to …`.
   */
  readonly action: string;
  /**
   * Creates a time limit that calls `onOver` when it ends. It works even after
   * the upgrade is done.
   *
   * @param onOver Called when it ends.
   * @returns The limit, which is not armed yet.
   */
  newLimit(onOver: () => void): UpgradeLimit;
}

/**
 * A further handshake of a connection, after its PROXY header and TLS
 * handshake, if any: both ends agree to continue with another protocol, such as
 * WebSocket, which the `socket` of {@linkcode UpgradeEvents.onUpgraded} speaks.
 * One object serves any number of connections.
 *
 * @category Adapters
 */
export interface Upgrade {
  /**
   * Milliseconds that the upgrade may take, and, separately, that closing may
   * take after a refusal. 1 to 2^31 - 1.
   */
  readonly handshakeTimeoutMs: number;
  /**
   * Begins the upgrade on `socket`, which was not started and belongs to the
   * upgrade from now on. Calls no event from inside this call. Never throws.
   *
   * @param socket The connection.
   * @param events Gets the outcome.
   * @param host What the core offers to the upgrade.
   * @returns The upgrade, which can be cancelled.
   */
  begin(
    socket: Socket,
    events: UpgradeEvents,
    host: UpgradeHost,
  ): PendingUpgrade;
}
