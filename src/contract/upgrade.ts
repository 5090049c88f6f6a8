/**
 * Upgrades: what a connection goes through before it is served.
 *
 * @module
 */

import type { Socket } from "./socket.ts";

/**
 * The outcome of an upgrade: one of the three is called, once, unless the upgrade
 * was cancelled.
 *
 * @category Adapters
 */
export interface UpgradeEvents {
  /** Done; before it returns, the core either starts or destroys `socket`, which carries everything from now on. */
  onUpgraded(socket: Socket): void;
  /** The peer asked for something else, and got it; nothing is left open. */
  onAnswered(): void;
  /** Failed, by `error`; nothing is left open. */
  onUpgradeFailed(error: Error): void;
}

/**
 * An upgrade under way.
 *
 * @category Adapters
 */
export interface PendingUpgrade {
  /** Gives up: none of the events follows, and nothing is left open. Idempotent. */
  cancel(): void;
}

/**
 * A time limit that the core keeps: it is over only after every socket that was
 * ready by then has been served.
 *
 * @category Adapters
 */
export interface UpgradeLimit {
  /** Starts the limit: it is over after `delayMs`, unless it is armed again or disarmed before that. */
  arm(delayMs: number): void;
  /** Stops the limit. */
  disarm(): void;
}

/**
 * What an upgrade gets from the core.
 *
 * @category Adapters
 */
export interface UpgradeHost {
  /** What the upgrade is part of, for messages: `connect to …`. */
  readonly action: string;
  /** Creates a time limit that calls back when it is over. It can be used even after the upgrade is done. */
  newLimit(onOver: () => void): UpgradeLimit;
}

/**
 * What a connection goes through before it is served, after the PROXY header and the
 * TLS handshake, if there are any: both ends agree to go on with another protocol,
 * such as WebSocket, which the `socket` of {@linkcode UpgradeEvents.onUpgraded}
 * speaks. One object serves any number of connections.
 *
 * @category Adapters
 */
export interface Upgrade {
  /** Milliseconds that the upgrade may take, and that saying goodbye after a refusal may take. 1 to 2^31 - 1. */
  readonly handshakeTimeoutMs: number;
  /**
   * Begins on `socket`, which was not started and belongs to the upgrade from now
   * on. Calls no event from inside this call. Never throws.
   */
  begin(
    socket: Socket,
    events: UpgradeEvents,
    host: UpgradeHost,
  ): PendingUpgrade;
}
