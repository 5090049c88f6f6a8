/**
 * Requests without an answer.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";
import { ConnectionClosedError } from "./connection.ts";
import { ReactioError } from "./reactio_error.ts";

/**
 * The caller no longer waits for the answer to a request: its time is up, or
 * its signal was aborted.
 */
export class RequestAbandonedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { RequestAbandonedError });
  /**
   * False if no part of the request was sent on any connection, so it will not
   * be executed.
   */
  readonly wasSent: boolean;

  /**
   * Creates the error of an abandoned request.
   *
   * @param message Which request, and why.
   * @param options Whether it was sent, true by default; and the cause.
   */
  constructor(
    message: string,
    options: ErrorOptions & { readonly wasSent?: boolean } = {},
  ) {
    super(message, options);
    this.wasSent = options.wasSent ?? true;
  }
}

/**
 * A request was not answered within its time limit: on a client by the peer, on
 * a server by its handler.
 */
export class RequestTimeoutError extends RequestAbandonedError {
  /** @ignore */
  override name: string = nameOf(this, { RequestTimeoutError });
}

/** `maxQueue` requests are already waiting to be sent. */
export class RequestQueueFullError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { RequestQueueFullError });
}

/**
 * The signal of a request was aborted; `cause` is its reason. If the request
 * was already sent, it may still be executed.
 */
export class RequestCancelledError extends RequestAbandonedError {
  /** @ignore */
  override name: string = nameOf(this, { RequestCancelledError });
}

/**
 * The connection ended after a request was sent and before it was answered.
 * Whether it was executed is unknown. `cause` is the reason why the connection
 * ended.
 */
export class RequestLostError extends ConnectionClosedError {
  /** @ignore */
  override name: string = nameOf(this, { RequestLostError });
}

/**
 * Another request with the same id still waits for its answer, possibly a late
 * one.
 */
export class DuplicateRequestIdError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { DuplicateRequestIdError });
}

/** A request client was given a connection while it already has one. */
export class AlreadyConnectedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { AlreadyConnectedError });
}
