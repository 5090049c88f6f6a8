/**
 * The identity of reactors across threads.
 *
 * @module
 */

import type { ReactorID } from "../api/reactor_id.ts";

/**
 * Identifies a reactor or listener across threads. A plain object, which can be
 * cloned and sent to other threads.
 *
 * @category Threads
 */
export interface ReactorUID<UserCommand = unknown, Value = unknown> {
  /** The runtime it lives in: 0 to `threadCount` - 1. */
  readonly runtimeId: number;
  /** Its id there; never reused, even if the thread is restarted. */
  readonly reactorId: ReactorID<UserCommand, Value>;
}

/** True if both are the same reactor. */
export function isSameReactor(a: ReactorUID, b: ReactorUID): boolean {
  return a.runtimeId === b.runtimeId && a.reactorId === b.reactorId;
}

/** `uid` for messages. */
export function showUid({ runtimeId, reactorId }: ReactorUID): string {
  return `reactor ${reactorId} of runtime ${runtimeId}`;
}
