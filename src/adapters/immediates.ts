import { inNobodysContext } from "./async_context.ts";

/** What is used of the host, so that no types of a runtime are needed. */
const host = globalThis as unknown as {
  setImmediate(callback: () => void): unknown;
};

/** Calls back when the events that the host has at hand are dealt with. */
export function endOfTurn(callback: () => void): void {
  inNobodysContext(host.setImmediate, callback);
}

/** Calls back in the last of `count` (1 or more) turns of the host. */
export function afterTurns(count: number, callback: () => void): void {
  const next = (): void => count-- > 1 ? endOfTurn(next) : callback();
  endOfTurn(next);
}
