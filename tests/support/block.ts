const NEVER_NOTIFIED = new Int32Array(new SharedArrayBuffer(4));

/** How soon a thread notices that it is to be ended, in milliseconds. */
const STEP_MS = 10;

/**
 * Blocks this thread for `ms` like busy code, but without using the processor.
 * The time in which the whole process stands still does not count: others have
 * had `ms` to go on.
 */
export function block(ms: number): void {
  for (let left = ms; left > 0; left -= STEP_MS) {
    Atomics.wait(NEVER_NOTIFIED, 0, 0, Math.min(left, STEP_MS));
  }
}
