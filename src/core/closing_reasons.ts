import type { SocketFailure } from "../contract/failure.ts";
import type { Socket } from "../contract/socket.ts";
import { peerOf } from "../api/address.ts";
import type { ConnectionSettings } from "../api/options/connection.ts";
import {
  BrokenTlsError,
  BufferedBytesError,
  CloseTimeoutError,
  ConnectionClosedError,
  ConnectionResetError,
  FirstMessageTimeoutError,
  IdleTimeoutError,
  MessageTimeoutError,
  MessageTooLargeError,
  PlaintextAfterStartTlsError,
  ReactioError,
  ReadIdleTimeoutError,
  SendTimeoutError,
  TruncatedConnectionError,
} from "../api/errors.ts";
import { LIMITS } from "./connection_deadlines.ts";
import { countOf } from "../util/text.ts";

// The reasons of connections that did not close cleanly.

const CLOSED = "Closed the connection to";
const ABORTED = "Aborted the connection to";

/**
 * For each deadline, the class of the error, and the message before and after
 * the time that has passed.
 */
const OVERDUE = {
  idle: [IdleTimeoutError, "nothing came in or went out for", ""],
  readIdle: [ReadIdleTimeoutError, "nothing came in for", ""],
  firstMessage: [
    FirstMessageTimeoutError,
    "it sent no whole message within",
    "",
  ],
  message: [MessageTimeoutError, "a message was not whole", " after it began"],
  close: [CloseTimeoutError, "closing made no progress for", ""],
} as const;

/** Creates the reason of a connection that missed `deadline`. */
export function overdue(
  deadline: keyof typeof OVERDUE,
  socket: Socket,
  settings: ConnectionSettings,
): Error {
  const [Overdue, before, after] = OVERDUE[deadline];
  const option = LIMITS[deadline];
  const done = deadline === "close" ? ABORTED : CLOSED;
  return new Overdue(
    `${done} ${peerOf(socket)}: ${before} ${
      settings[option]
    } ms${after} (${option})`,
  );
}

export function unsent(socket: Socket, count: number): Error {
  return new ConnectionClosedError(
    `${ABORTED} ${peerOf(socket)} with ${countOf(count, "byte")} not sent`,
  );
}

export function stuck(
  socket: Socket,
  count: number,
  { sendTimeoutMs }: ConnectionSettings,
): Error {
  return new SendTimeoutError(
    `${ABORTED} ${peerOf(socket)}: nothing of ${
      countOf(count, "byte")
    } went out for ${sendTimeoutMs} ms (sendTimeoutMs)`,
  );
}

export function lost(socket: Socket, failure?: SocketFailure): Error {
  // A layer above the adapter's sockets may have its own error for the failure.
  if (failure?.cause instanceof ReactioError) return failure.cause;
  const Lost = classOf(failure);
  return new Lost(
    `Lost the connection to ${peerOf(socket)}: ${wordsOf(failure)}`,
    { cause: failure?.cause },
  );
}

function classOf(failure?: SocketFailure): typeof ConnectionResetError {
  switch (failure?.kind) {
    case "truncated":
      return TruncatedConnectionError;
    case "broken-tls":
      return BrokenTlsError;
    default:
      return ConnectionResetError;
  }
}

const RESET = "it was reset";

/**
 * Describes the failure in the same words on every runtime and system, if there
 * are any. The runtime's own error is the `cause`.
 */
function wordsOf(failure?: SocketFailure): string {
  if (failure === undefined) return RESET;
  switch (failure.kind) {
    case "reset":
      return RESET;
    case "timed-out":
      return "the system timed out";
    case "broken-tls":
      return "what came in is not TLS of this connection";
    case "unreachable":
      return "there is no route to it";
    default:
      return failure.message;
  }
}

export function plaintext(socket: Socket, count: number): Error {
  return new PlaintextAfterStartTlsError(
    `${ABORTED} ${peerOf(socket)}: it has sent ${
      countOf(count, "byte")
    } in plain behind what asked for TLS, which anybody may have put there`,
  );
}

export function untaken(
  socket: Socket,
  count: number,
  maxMessageSize: number,
): Error {
  return new MessageTooLargeError(
    `${CLOSED} ${peerOf(socket)}: it has ${
      countOf(count, "byte")
    } that onReadable did not take, and maxMessageSize is ${maxMessageSize}`,
  );
}

export function largest(
  socket: Socket,
  bytesHeld: number,
  limit: number,
): Error {
  return new BufferedBytesError(
    `${ABORTED} ${peerOf(socket)}: it holds ${
      countOf(bytesHeld, "byte")
    }, the most of all, and maxBufferedBytes is ${limit}`,
  );
}
