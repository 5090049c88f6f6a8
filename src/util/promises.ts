/** Calls `onRejected` if `result`, which a handler returned, is a promise that rejects. */
export function watchPromise(
  result: unknown,
  onRejected: (thrown: unknown) => void,
): void {
  const promise = result as PromiseLike<unknown> | null | undefined;
  if (typeof promise?.then === "function") promise.then(undefined, onRejected);
}
