import { logDebug } from "./log.ts";
import { watchPromise } from "./promises.ts";

/** `value` was given where a promise is of no use. If it is one, that it rejects does not end the process. */
export function forget(value: unknown): void {
  watchPromise(value, (thrown) => {
    logDebug("a promise that was given as something else rejected:", thrown);
  });
}
