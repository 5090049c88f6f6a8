/**
 * A request has no answer.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";
import { ConnectionClosedError } from "./connection.ts";
import { ReactioError } from "./reactio_error.ts";

/** Nobody waits for the answer to a request any more: its time is up, or its signal was aborted. */
export class RequestAbandonedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { RequestAbandonedError });
  /** False if nothing of it was sent, on any connection, so it will not be carried out. */
  readonly wasSent: boolean;

  /**
   * Makes an error for a request that nobody waits for.
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

/** A request was not answered within its time limit: on a client by the peer, on a server by its handler. */
export class RequestTimeoutError extends RequestAbandonedError {
  /** @ignore */
  override name: string = nameOf(this, { RequestTimeoutError });
}

/** As many requests are waiting to be sent as `maxQueue` allows. */
export class RequestQueueFullError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { RequestQueueFullError });
}

/** The signal of a request was aborted; the reason of the signal is the `cause`. If the request was sent already, it may still be carried out. */
export class RequestCancelledError extends RequestAbandonedError {
  /** @ignore */
  override name: string = nameOf(this, { RequestCancelledError });
}

/** A request was sent, and the connection ended before its answer. Nobody knows whether it was carried out. `cause` is what ended the connection. */
export class RequestLostError extends ConnectionClosedError {
  /** @ignore */
  override name: string = nameOf(this, { RequestLostError });
}

/** Another request with the same id is still waiting for its answer, even if only for a late one. */
export class DuplicateRequestIdError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { DuplicateRequestIdError });
}

/** A request client has a connection already, and was given another one. */
export class AlreadyConnectedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { AlreadyConnectedError });
}
