/**
 * A request has no answer.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";
import { ConnectionClosedError } from "./connection.ts";
import { ReactioError } from "./reactio_error.ts";

/** Nobody waits for the answer to a request any more: its time is over, or its signal was aborted. */
export class RequestAbandonedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { RequestAbandonedError });
  /** False if nothing of it was sent, on any connection: it is not carried out. */
  readonly wasSent: boolean;

  /**
   * Tells of a request that nobody waits for.
   *
   * @param message Says which, and why.
   * @param options Whether it was sent, true by default; and the reason.
   */
  constructor(
    message: string,
    options: ErrorOptions & { readonly wasSent?: boolean } = {},
  ) {
    super(message, options);
    this.wasSent = options.wasSent ?? true;
  }
}

/** A request was not answered within its time limit, or its handler did not answer it. */
export class RequestTimeoutError extends RequestAbandonedError {
  /** @ignore */
  override name: string = nameOf(this, { RequestTimeoutError });
}

/** As many requests wait to be sent as `maxQueue` allows. */
export class RequestQueueFullError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { RequestQueueFullError });
}

/** The signal of a request was aborted; its reason is the `cause`. If the request was sent already, it may be carried out all the same. */
export class RequestCancelledError extends RequestAbandonedError {
  /** @ignore */
  override name: string = nameOf(this, { RequestCancelledError });
}

/** A request was sent, and the connection ended before its answer: whether it was carried out nobody knows. `cause` is what ended the connection. */
export class RequestLostError extends ConnectionClosedError {
  /** @ignore */
  override name: string = nameOf(this, { RequestLostError });
}

/** Another request with the same id waits for its answer, be it late. */
export class DuplicateRequestIdError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { DuplicateRequestIdError });
}

/** A client of requests has a connection, and was given another one. */
export class AlreadyConnectedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { AlreadyConnectedError });
}
