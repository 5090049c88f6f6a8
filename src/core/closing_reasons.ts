import type { SocketFailure } from "../contract/failure.ts";
import type { Socket } from "../contract/socket.ts";
import { formatAddress } from "../api/address.ts";
import {
  CloseTimeoutError,
  ConnectionClosedError,
  ConnectionResetError,
  IdleTimeoutError,
  MessageTooLargeError,
  TruncatedMessageError,
} from "../api/errors.ts";

// Why a connection ends that neither end closed in good order.

export function idle(socket: Socket, idleTimeoutMs: number): Error {
  return new IdleTimeoutError(
    `Closed the connection to ${
      peerOf(socket)
    }: nothing came in or went out for ${idleTimeoutMs} ms (idleTimeoutMs)`,
  );
}

export function stuck(socket: Socket, closeTimeoutMs: number): Error {
  return new CloseTimeoutError(
    `Aborted the connection to ${
      peerOf(socket)
    }: closing made no progress for ${closeTimeoutMs} ms (closeTimeoutMs)`,
  );
}

export function truncated(socket: Socket, count: number): Error {
  return new TruncatedMessageError(
    `${
      peerOf(socket)
    } ended the connection with ${count} bytes of a message sent`,
  );
}

export function unsent(socket: Socket, count: number): Error {
  return new ConnectionClosedError(
    `Aborted the connection to ${peerOf(socket)} with ${count} bytes not sent`,
  );
}

export function lost(socket: Socket, failure?: SocketFailure): Error {
  return new ConnectionResetError(
    `Lost the connection to ${peerOf(socket)}: ${
      failure?.message ?? "it was reset"
    }`,
    { cause: failure?.cause },
  );
}

export function untaken(
  socket: Socket,
  count: number,
  maxMessageSize: number,
): Error {
  return new MessageTooLargeError(
    `Closed the connection to ${
      peerOf(socket)
    }: it has ${count} bytes that onReadable did not take, and maxMessageSize is ${maxMessageSize}`,
  );
}

/** The peer, for messages. */
export function peerOf({ remoteAddress }: Socket): string {
  return remoteAddress.transport === "unknown"
    ? "the peer"
    : formatAddress(remoteAddress);
}
