import { logDebug } from "./log.ts";
import { watchPromise } from "./promises.ts";

/** For a `value` passed where a promise makes no sense: if it is one that rejects, the process goes on. */
export function forget(value: unknown): void {
  watchPromise(value, (thrown) => {
    logDebug("a promise that was given as something else rejected:", thrown);
  });
}
