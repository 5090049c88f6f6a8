/**
 * Failed threads, and failures of communication between threads.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";
import { ReactioError } from "./reactio_error.ts";

/** No thread has this runtime id. */
export class UnknownRuntimeError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { UnknownRuntimeError });
}

/**
 * A worker did not become ready: its module failed, or it did not answer in
 * time. `cause` is the worker's own error, with its stack.
 */
export class WorkerStartError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { WorkerStartError });
}

/** A worker ended unexpectedly; `cause` is the error that it threw, if any. */
export class WorkerExitedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { WorkerExitedError });
}

/** The module of reactors registers no factory with this name. */
export class UnknownFactoryError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { UnknownFactoryError });
}

/** The thread has no service with this name. */
export class UnknownServiceError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { UnknownServiceError });
}

/**
 * The other thread has not answered the most questions that it may have from
 * this thread.
 */
export class TooManyQuestionsError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { TooManyQuestionsError });
}

/**
 * A question was sent, but its answer will never arrive. The service may or may
 * not have been called. `cause` is the reason, such as the end of the thread.
 */
export class AskOutcomeUnknownError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { AskOutcomeUnknownError });
}

/**
 * No answer came within the time limit. The service may have been called, or
 * may still be called.
 */
export class AskTimeoutError extends AskOutcomeUnknownError {
  /** @ignore */
  override name: string = nameOf(this, { AskTimeoutError });
}

/**
 * A command or parameter for another thread contains a value that the
 * structured clone algorithm cannot copy.
 */
export class NotCloneableError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { NotCloneableError });
}

/**
 * A buffer in a transfer list is not a buffer, is shared, was already
 * transferred, or is listed twice. Nothing was transferred.
 */
export class NotTransferableError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { NotTransferableError });
}

/**
 * The answer of a service, or the result of `onCommand`, contains a value that
 * the structured clone algorithm cannot copy. The question or command itself
 * was executed.
 */
export class AnswerNotCloneableError extends NotCloneableError {
  /** @ignore */
  override name: string = nameOf(this, { AnswerNotCloneableError });
}

/**
 * The answer of a service, or the result of `onCommand`, lists a buffer in
 * `transfer` that cannot be transferred. The question or command itself was
 * executed. Nothing was transferred.
 */
export class AnswerNotTransferableError extends NotTransferableError {
  /** @ignore */
  override name: string = nameOf(this, { AnswerNotTransferableError });
}

/** Another reactor already has this name. */
export class DuplicateNameError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { DuplicateNameError });
}

/**
 * A reactor got no name, because its thread did not confirm within the time
 * limit that the reactor exists.
 */
export class NamingTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { NamingTimeoutError });
}
