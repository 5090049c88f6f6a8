/**
 * Connections that were closed because of a time limit.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";
import { ReactioError } from "./reactio_error.ts";

/** No byte came in or went out for `idleTimeoutMs`. */
export class IdleTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { IdleTimeoutError });
}

/** No byte came in for `readIdleTimeoutMs`. */
export class ReadIdleTimeoutError extends IdleTimeoutError {
  /** @ignore */
  override name: string = nameOf(this, { ReadIdleTimeoutError });
}

/** No queued byte went out for `sendTimeoutMs`; the connection was aborted. */
export class SendTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SendTimeoutError });
}

/**
 * A message was not complete within `messageTimeoutMs` after its first byte.
 */
export class MessageTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { MessageTimeoutError });
}

/** The peer sent no complete message within `firstMessageTimeoutMs`. */
export class FirstMessageTimeoutError extends MessageTimeoutError {
  /** @ignore */
  override name: string = nameOf(this, { FirstMessageTimeoutError });
}

/**
 * The runtime was stopped, and the reactor had not finished its work within
 * `drainMs`.
 */
export class DrainTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { DrainTimeoutError });
}

/** A closing connection made no progress for `closeTimeoutMs` and was aborted. */
export class CloseTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CloseTimeoutError });
}
