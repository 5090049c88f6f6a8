import { read } from "./text.ts";

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
