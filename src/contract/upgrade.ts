/**
 * Upgrades: what a connection goes through before it is served.
 *
 * @module
 */

import type { Socket } from "./socket.ts";

/**
 * What the core hears of an upgrade: one of the three, once, unless it was
 * cancelled.
 *
 * @category Adapters
 */
export interface UpgradeEvents {
  /** Done; the core either starts or destroys `socket`, which has what is said from now on, before it returns. */
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
 * A time limit, which the core keeps: it is over only when every socket that was
 * ready by then was served.
 *
 * @category Adapters
 */
export interface UpgradeLimit {
  /** It is over after `delayMs`, unless it is armed anew or disarmed before that. */
  arm(delayMs: number): void;
  /** It is not over by itself. */
  disarm(): void;
}

/**
 * What an upgrade gets of the core.
 *
 * @category Adapters
 */
export interface UpgradeHost {
  /** What it is for, for messages: `connect to …`. */
  readonly action: string;
  /** A time limit that calls back when it is over, also when the upgrade is done. */
  newLimit(onOver: () => void): UpgradeLimit;
}

/**
 * What a connection goes through before it is served: behind the PROXY header and
 * the handshake of TLS, if there are any, both ends agree to say what follows in
 * another way, which `socket` of {@linkcode UpgradeEvents.onUpgraded} speaks. Such
 * is a WebSocket. One object serves any number of connections.
 *
 * @category Adapters
 */
export interface Upgrade {
  /** Milliseconds that it may take, and the farewell of one that is refused. 1 to 2^31 - 1. */
  readonly handshakeTimeoutMs: number;
  /**
   * Begins on `socket`, which was not started and belongs to the upgrade from now
   * on. No event comes from inside the call. Throws nothing.
   */
  begin(
    socket: Socket,
    events: UpgradeEvents,
    host: UpgradeHost,
  ): PendingUpgrade;
}
