import type { Address } from "../contract/address.ts";
import type { SocketFailure } from "../contract/failure.ts";
import type { Socket } from "../contract/socket.ts";
import { describeAddress } from "../api/address.ts";
import {
  ConnectError,
  ConnectionRefusedError,
  ConnectResetError,
  ConnectTimeoutError,
  HostUnreachableError,
  type ReactioError,
} from "../api/errors.ts";
import { errorOf, type Failure, failureAt, type Meanings } from "./failures.ts";

/** The connect reached itself, so nothing is listening there. */
export const SELF_CONNECT: Failure = {
  errorClass: ConnectionRefusedError,
  reason: "nobody listens there, and the connection met itself",
  cause: undefined,
};

/**
 * True if `socket`, which is connected to `target`, is connected to itself: TCP
 * connects two ends that open simultaneously, and if the system picks the
 * target port as our port, both ends are the same.
 */
export function isSelfConnect(socket: Socket, target: Address): boolean {
  const { localAddress } = socket;
  if (localAddress.transport !== "tcp" || target.transport !== "tcp") {
    return false;
  }
  if (localAddress.port !== target.port) return false;
  // Reads the peer's address only if it matters.
  const { remoteAddress } = socket;
  return remoteAddress.transport === "tcp" &&
    remoteAddress.hostname === localAddress.hostname;
}

const MEANINGS: Meanings = {
  refused: [ConnectionRefusedError, "nobody listens there"],
  reset: [ConnectResetError, "it was reset before it was open"],
  unreachable: [HostUnreachableError, "there is no route to it"],
  "timed-out": [ConnectTimeoutError, "the system timed out"],
};

/** Interprets a `failure` to connect to `address`. */
export function connectFailure(
  address: Address,
  failure: SocketFailure,
): Failure {
  return failureAt(address, failure, MEANINGS, ConnectError);
}

/** Creates the error for a `failure` to connect to `address`. */
export function connectErrorOf(
  address: Address,
  failure: Failure,
): ReactioError {
  return errorOf(`connect to ${describeAddress(address)}`, failure);
}
