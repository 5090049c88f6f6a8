const NEVER_NOTIFIED = new Int32Array(new SharedArrayBuffer(4));

/** How soon a thread notices that it is to be ended, in milliseconds. */
const STEP_MS = 10;

/**
 * Blocks this thread for `ms` like busy code, but without using the processor.
 */
export function block(ms: number): void {
  const end = performance.now() + ms;
  for (let left = ms; left > 0; left = end - performance.now()) {
    Atomics.wait(NEVER_NOTIFIED, 0, 0, Math.min(left, STEP_MS));
  }
}
