import { RuntimeStoppedError } from "../api/errors.ts";
import { withAction } from "./failures.ts";

/** What a connect or listen, which opens an `Opened`, calls when it is settled: one of the two, once. */
export interface OpenCallbacks<Opened> {
  succeed(opened: Opened): void;
  fail(error: Error): void;
}

/** Why a runtime that was stopped does nothing new: the reason alone. */
export const STOPPED: RuntimeStoppedError = new RuntimeStoppedError(
  "the runtime was stopped",
);

/** What `action` of a runtime that was stopped fails with. */
export function stopped(action: string): Error {
  return withAction(STOPPED, action);
}
