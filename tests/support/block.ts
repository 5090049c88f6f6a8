const NEVER_NOTIFIED = new Int32Array(new SharedArrayBuffer(4));

/** The milliseconds after which a thread that is to be ended sees that. */
const STEP_MS = 10;

/** Blocks this thread for `ms`, as code that is busy does; the processor is left to the others. */
export function block(ms: number): void {
  const end = performance.now() + ms;
  for (let left = ms; left > 0; left = end - performance.now()) {
    Atomics.wait(NEVER_NOTIFIED, 0, 0, Math.min(left, STEP_MS));
  }
}
