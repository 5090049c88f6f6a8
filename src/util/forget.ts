import { logDebug } from "./log.ts";
import { watchPromise } from "./promises.ts";

/**
 * Handles a `value` that should not be a promise: if it is one and rejects, the
 * rejection is logged instead of ending the process.
 */
export function forget(value: unknown): void {
  watchPromise(value, (thrown) => {
    logDebug(
      "A promise that was passed instead of another value rejected:",
      thrown,
    );
  });
}
