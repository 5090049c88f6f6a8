/**
 * Commands that were not executed, and requests that a runtime cannot fulfil.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";
import { ReactioError } from "./reactio_error.ts";

/** No reactor has this id: it was closed, or never existed. */
export class ReactorNotFoundError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ReactorNotFoundError });
}

/**
 * The reactor takes no commands: it has no `onCommand`, or it is a listener.
 */
export class CommandNotSupportedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CommandNotSupportedError });
}

/** The command was cancelled before it was executed. */
export class CommandCancelledError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CommandCancelledError });
}

/** Too many commands are waiting to complete. */
export class CommandQueueFullError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CommandQueueFullError });
}

/** The runtime was stopped before or during the operation. */
export class RuntimeStoppedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { RuntimeStoppedError });
}

/** The adapter does not support signals. */
export class SignalsNotSupportedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SignalsNotSupportedError });
}

/**
 * The description of inherited sockets in the environment is invalid, or may
 * not be read.
 */
export class InheritedSocketsError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { InheritedSocketsError });
}

/** `run` or `processEvents` was called while another call is in progress. */
export class RuntimeBusyError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { RuntimeBusyError });
}
