import { inNobodysContext } from "./async_context.ts";

/** What is used of the host, so that no types of a runtime are needed. */
const host = globalThis as unknown as {
  setImmediate(callback: () => void): unknown;
};

/**
 * Tokio, on which Deno stands, looks for events, and takes up what it put off, only
 * when it has nothing else to do or has polled 61 tasks. Each immediate is such a
 * poll; one more lets what came be served. Unlike a socket of our own to wake it,
 * this needs no permission and leaves nothing open, and costs about as much.
 */
export const IMMEDIATES_PER_LOOK = 62;

/**
 * In so many turns the host has looked for events, wherever in its own turn they
 * are asked for: Node and Bun look in each, but the first may come before that.
 */
export const TURNS_TO_POLL: number = "Deno" in globalThis
  ? IMMEDIATES_PER_LOOK + 2
  : 2;

/** Calls back when the events that the host has at hand are dealt with. */
export function endOfTurn(callback: () => void): void {
  inNobodysContext(host.setImmediate, callback);
}

/** Calls back in the last of `count` (1 or more) turns of the host. */
export function afterTurns(count: number, callback: () => void): void {
  const next = (): void => count-- > 1 ? endOfTurn(next) : callback();
  endOfTurn(next);
}
