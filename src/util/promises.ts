import { read } from "./text.ts";

/** True if `value` is a promise, of whatever kind. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (typeof value === "object" || typeof value === "function") &&
    typeof read(value, "then") === "function";
}

/** `result`, which user code returned, as a promise if it is thenable; its `then` is called once. Never throws. */
export function promiseOf(result: unknown): Promise<unknown> | undefined {
  if (typeof result !== "object" && typeof result !== "function") {
    return undefined;
  }
  const then = read(result, "then");
  if (typeof then !== "function") return undefined;
  return new Promise((resolve, reject) => then.call(result, resolve, reject));
}

/** Calls `onRejected` if `result`, which a handler returned, is a promise that rejects. Never throws. */
export function watchPromise(
  result: unknown,
  onRejected: (thrown: unknown) => void,
): void {
  if (typeof result !== "object" && typeof result !== "function") return;
  const then = read(result, "then");
  if (typeof then !== "function") return;
  try {
    then.call(result, undefined, onRejected);
  } catch (thrown) {
    onRejected(thrown);
  }
}

/** Calls the user's `callback`; `onFailed` receives what it throws or its promise rejects with. */
export function callGuarded(
  callback: () => unknown,
  onFailed: (thrown: unknown) => void,
): void {
  try {
    watchPromise(callback(), onFailed);
  } catch (thrown) {
    onFailed(thrown);
  }
}
