/**
 * A connection was closed since something took too long.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";
import { ReactioError } from "./reactio_error.ts";

/** Nothing came in or went out for `idleTimeoutMs`. */
export class IdleTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { IdleTimeoutError });
}

/** Nothing came in for `readIdleTimeoutMs`. */
export class ReadIdleTimeoutError extends IdleTimeoutError {
  /** @ignore */
  override name: string = nameOf(this, { ReadIdleTimeoutError });
}

/** Something was queued to be sent, and nothing of it went out for `sendTimeoutMs`; the connection was aborted. */
export class SendTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SendTimeoutError });
}

/** A message was not whole when `messageTimeoutMs` had passed since its first byte. */
export class MessageTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { MessageTimeoutError });
}

/** The peer sent no whole message within `firstMessageTimeoutMs`. */
export class FirstMessageTimeoutError extends MessageTimeoutError {
  /** @ignore */
  override name: string = nameOf(this, { FirstMessageTimeoutError });
}

/** A runtime was stopped, and the reactor had not finished within `drainMs` what was under way. */
export class DrainTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { DrainTimeoutError });
}

/** A closing connection made no progress for `closeTimeoutMs` and was aborted. */
export class CloseTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CloseTimeoutError });
}
