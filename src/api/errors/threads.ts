/**
 * A thread has failed, or does not do what another one asks for.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";
import { ReactioError } from "./reactio_error.ts";

/** No thread has that runtime id. */
export class UnknownRuntimeError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { UnknownRuntimeError });
}

/** A worker did not become ready: its module failed, or it did not answer in time. `cause` is the worker's own error, with its stack. */
export class WorkerStartError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { WorkerStartError });
}

/** A worker ended without being asked to; `cause` is what it threw, if it did. */
export class WorkerExitedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { WorkerExitedError });
}

/** The module of reactors registers no factory of that name. */
export class UnknownFactoryError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { UnknownFactoryError });
}

/** The thread that is asked has no service of that name. */
export class UnknownServiceError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { UnknownServiceError });
}

/** The thread that is to be asked has as many questions of this one that it has not answered as it may have. */
export class TooManyQuestionsError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { TooManyQuestionsError });
}

/** A question was sent, and no answer will be heard: the service may have been called, or not. `cause` is why, such as the end of the thread. */
export class AskOutcomeUnknownError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { AskOutcomeUnknownError });
}

/** No answer came within the time limit. The service may have been called, or may still be. */
export class AskTimeoutError extends AskOutcomeUnknownError {
  /** @ignore */
  override name: string = nameOf(this, { AskTimeoutError });
}

/** A command or parameter for another thread holds what the structured clone algorithm cannot copy. */
export class NotCloneableError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { NotCloneableError });
}

/** A buffer that is to be moved to another thread is none, is shared, was moved already, or is listed twice. Nothing was moved. */
export class NotTransferableError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { NotTransferableError });
}

/** What a service answers, or `onCommand` returns, holds what the structured clone algorithm cannot copy: the question was carried out, or the command. */
export class AnswerNotCloneableError extends NotCloneableError {
  /** @ignore */
  override name: string = nameOf(this, { AnswerNotCloneableError });
}

/** Of what a service answers, or `onCommand` returns, a buffer cannot be moved that `transfer` lists: the question was carried out, or the command. Nothing was moved. */
export class AnswerNotTransferableError extends NotTransferableError {
  /** @ignore */
  override name: string = nameOf(this, { AnswerNotTransferableError });
}

/** The name stands for another reactor already. */
export class DuplicateNameError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { DuplicateNameError });
}

/** The thread of a reactor did not confirm within the time limit that the reactor is there, so it got no name. */
export class NamingTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { NamingTimeoutError });
}
