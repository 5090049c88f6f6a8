import { RuntimeStoppedError } from "../api/errors.ts";
import { withAction } from "./failures.ts";

/** What a connect or listen calls when it is settled: one of the two, once. */
export interface OpenCallbacks<Opened> {
  succeed(opened: Opened): void;
  fail(error: Error): void;
}

/** Why a stopped runtime does nothing new; without the action. */
export const STOPPED: RuntimeStoppedError = new RuntimeStoppedError(
  "the runtime was stopped",
);

/** The error of `action` in a stopped runtime. */
export function stopped(action: string): Error {
  return withAction(STOPPED, action);
}
