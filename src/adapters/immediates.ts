import { outsideAsyncContext } from "./async_context.ts";

const host = globalThis as unknown as {
  setImmediate(callback: () => void): unknown;
};

/**
 * Immediates until tokio, below Deno, is certain to have polled for events.
 *
 * Tokio polls, and resumes deferred tasks, only when it is idle or has run 61
 * tasks. Each immediate counts as a task; one more lets the events be served.
 * Unlike a wake-up by a socket, this needs no permission and leaves nothing
 * open, and it costs about the same.
 */
export const IMMEDIATES_PER_LOOK = 62;

/**
 * Turns after which the runtime has certainly polled for events, wherever in a
 * turn the count begins. Node and Bun poll in every turn, but the first turn
 * may end before its poll.
 */
export const TURNS_TO_POLL: number = "Deno" in globalThis
  ? IMMEDIATES_PER_LOOK + 2
  : 2;

/** Calls back when the events at hand have been processed. */
export function endOfTurn(callback: () => void): void {
  outsideAsyncContext(host.setImmediate, callback);
}

/** Calls back in the last of the next `count` turns (1 or more). */
export function afterTurns(count: number, callback: () => void): void {
  const next = (): void => count-- > 1 ? endOfTurn(next) : callback();
  endOfTurn(next);
}
