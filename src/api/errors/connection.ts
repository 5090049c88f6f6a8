/**
 * Why a connection ended, or cannot be used.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";
import { ReactioError } from "./reactio_error.ts";

/** The connection ended without the peer's FIN: reset, broken pipe, or lost. */
export class ConnectionResetError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectionResetError });
}

/**
 * The connection ended without the announcement that its protocol requires:
 * close_notify in TLS, a close frame on a WebSocket. Anyone on the path may
 * have cut it. Data may be missing, so this end completes no message.
 */
export class TruncatedConnectionError extends ConnectionResetError {
  /** @ignore */
  override name: string = nameOf(this, { TruncatedConnectionError });
}

/**
 * Invalid TLS data came in: garbage, or bytes that someone on the path has
 * changed, added or removed. Data received before is authentic. `cause` is the
 * runtime's own error.
 */
export class BrokenTlsError extends ConnectionResetError {
  /** @ignore */
  override name: string = nameOf(this, { BrokenTlsError });
}

/** The connection is closed or closing, so nothing can be sent on it. */
export class ConnectionClosedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectionClosedError });
}

/** The messages of a connection are already being iterated. */
export class ConnectionBusyError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectionBusyError });
}

/** The peer sent FIN in the middle of a message. */
export class TruncatedMessageError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { TruncatedMessageError });
}

/**
 * A message is larger than `maxMessageSize`, or announces a larger size; or a
 * socket continued to read although `onReadable` had left that many bytes.
 */
export class MessageTooLargeError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { MessageTooLargeError });
}

/**
 * No message came within the `timeoutMs` of a `receive`. The connection is
 * unaffected.
 */
export class ReceiveTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ReceiveTimeoutError });
}

/**
 * The signal of a `receive` was aborted; `cause` is its reason. The connection
 * is unaffected.
 */
export class ReceiveCancelledError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ReceiveCancelledError });
}

/** A send would have made the queue exceed `maxSendQueue`. */
export class SendQueueFullError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SendQueueFullError });
}

/**
 * The connections of a runtime held more than `maxBufferedBytes`, and this one
 * held the most.
 */
export class BufferedBytesError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { BufferedBytesError });
}

/** A member of a `ReactorGroup` that closes slow members read too slowly. */
export class SlowMemberError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SlowMemberError });
}

/** An `AutoSendBuffer` was used after the end of its scope. */
export class AutoSendBufferDisposedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { AutoSendBufferDisposedError });
}

/** A handler threw something other than an `Error`; it is the `cause`. */
export class HandlerError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { HandlerError });
}
