/**
 * A client that stays connected, as its user sees it.
 *
 * @module
 */

import type { Address } from "../../contract/address.ts";
import type { ConnectionHandle } from "../../api/handles.ts";
import type { KeptConnectionStats } from "../../stats/stats.ts";

/**
 * What {@linkcode keepConnected} is doing. `attempt` counts the attempts in a row,
 * from 1 up: it begins anew after a connection that stayed up for longer than
 * `backoff.maxMs`.
 *
 * - `connecting`: to `address`, for the first time or again.
 * - `connected`: to `address`; `connection` is the same as that of the handle.
 * - `waiting`: for `delayMs` milliseconds, since `attempt` attempts in a row have
 *   failed, the last with `error`; or since the connection was lost for the reason
 *   `error`, which is `undefined` if it was closed cleanly.
 * - `stopped`: nothing follows; `error` is why, `undefined` if it was closed
 *   without a reason.
 *
 * @category Connections
 */
export type KeepConnectedState =
  | {
    readonly kind: "connecting";
    readonly attempt: number;
    readonly address: Address;
  }
  | {
    readonly kind: "connected";
    readonly attempt: number;
    readonly address: Address;
    readonly connection: ConnectionHandle;
  }
  | {
    readonly kind: "waiting";
    readonly attempt: number;
    readonly address: Address;
    readonly delayMs: number;
    readonly error: Error | undefined;
  }
  | { readonly kind: "stopped"; readonly error: Error | undefined };

/**
 * What {@linkcode keepConnected} returns.
 *
 * @category Connections
 */
export interface KeptConnection<UserCommand = unknown, Value = unknown>
  extends AsyncDisposable {
  /** The connection that is open; `undefined` while there is none. */
  readonly connection: ConnectionHandle<UserCommand, Value> | undefined;

  /**
   * What became of its attempts and of its connections so far, and what went
   * through all of them.
   *
   * @returns A copy, which is plain data.
   */
  stats(): KeptConnectionStats;

  /**
   * Resolves when it has stopped and its connection is closed, with why: the
   * reason of `close` or of the signal, `AttemptsExhaustedError`,
   * `RuntimeStoppedError`, or an error that no further attempt would avoid.
   * Never rejects.
   */
  readonly whenClosed: Promise<Error | undefined>;

  /**
   * Stops connecting: gives up a connect that is under way, and closes the
   * connection gracefully. May be called from anywhere in this thread, and
   * again.
   *
   * @param reason What `onClose` of the reactor is given; `undefined` means a graceful close.
   * @returns Resolves when it has stopped, whoever stopped it.
   */
  close(reason?: Error): Promise<void>;
}
