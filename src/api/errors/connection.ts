/**
 * A connection has ended, or something cannot be done with it.
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
 * The peer's end of a connection came without being said where it should be: in
 * TLS (close_notify), or on a WebSocket (a close frame). Anybody on the way may
 * have cut it; what it has sent may not be all, and so ends no message.
 */
export class TruncatedConnectionError extends ConnectionResetError {
  /** @ignore */
  override name: string = nameOf(this, { TruncatedConnectionError });
}

/**
 * In TLS something came in that the peer cannot have sent, or may not send: garbage,
 * or bytes that somebody on the way has changed, put in or left out. What came
 * before is the peer's. The `cause` is the runtime's own error.
 */
export class BrokenTlsError extends ConnectionResetError {
  /** @ignore */
  override name: string = nameOf(this, { BrokenTlsError });
}

/** The connection is closed or closing, so nothing more can be sent on it. */
export class ConnectionClosedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectionClosedError });
}

/** The messages of a connection are being iterated, and were to be iterated by somebody else, too. */
export class ConnectionBusyError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectionBusyError });
}

/** The peer sent FIN in the middle of a message. */
export class TruncatedMessageError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { TruncatedMessageError });
}

/** A message is, or announces itself, larger than `maxMessageSize`; or a socket read on although `onReadable` had not taken as much. */
export class MessageTooLargeError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { MessageTooLargeError });
}

/** No message came within the `timeoutMs` of a `receive`. The connection stays as it is. */
export class ReceiveTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ReceiveTimeoutError });
}

/** The signal of a `receive` was aborted; its reason is the `cause`. The connection stays as it is. */
export class ReceiveCancelledError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ReceiveCancelledError });
}

/** A send would have made the queue larger than `maxSendQueue`. */
export class SendQueueFullError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SendQueueFullError });
}

/** The connections of a runtime held more than `maxBufferedBytes`, and this one the most. */
export class BufferedBytesError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { BufferedBytesError });
}

/** A member of a `ReactorGroup` read too slowly, and the group closes such members. */
export class SlowMemberError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SlowMemberError });
}

/** An `AutoSendBuffer` was written to after the end of its scope. */
export class AutoSendBufferDisposedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { AutoSendBufferDisposedError });
}

/** A handler threw something that is not an `Error`; it is the `cause`. */
export class HandlerError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { HandlerError });
}
