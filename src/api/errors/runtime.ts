/**
 * A command was not carried out, or a runtime cannot do what it is asked for.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";
import { ReactioError } from "./reactio_error.ts";

/** No reactor has the id: it was closed, or never was. */
export class ReactorNotFoundError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ReactorNotFoundError });
}

/** The reactor cannot receive commands: it has no `onCommand`, or it is a listener. */
export class CommandNotSupportedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CommandNotSupportedError });
}

/** The command was cancelled before it was carried out. */
export class CommandCancelledError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CommandCancelledError });
}

/** Too many commands wait to be completed. */
export class CommandQueueFullError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CommandQueueFullError });
}

/** The runtime was stopped before, or while, it was asked to do something. */
export class RuntimeStoppedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { RuntimeStoppedError });
}

/** The adapter does not tell of signals. */
export class SignalsNotSupportedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SignalsNotSupportedError });
}

/** What the process was told of sockets that were handed over to it makes no sense, or may not be read. */
export class InheritedSocketsError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { InheritedSocketsError });
}

/** A second `run` or `processEvents` was called while one is under way. */
export class RuntimeBusyError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { RuntimeBusyError });
}
