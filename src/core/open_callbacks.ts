import { RuntimeStoppedError } from "../api/errors.ts";
import { withAction } from "./failures.ts";

/**
 * Callbacks for the outcome of a connect or listen. Exactly one is called,
 * once.
 */
export interface OpenCallbacks<Opened> {
  succeed(opened: Opened): void;
  fail(error: Error): void;
}

/** Why a stopped runtime refuses new work, without the action. */
export const STOPPED: RuntimeStoppedError = new RuntimeStoppedError(
  "the runtime was stopped",
);

/** Creates the error of `action` in a stopped runtime. */
export function stopped(action: string): Error {
  return withAction(STOPPED, action);
}
