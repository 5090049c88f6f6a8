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

/** A connect met itself, so nobody listens there. */
export const SELF_CONNECT: Failure = {
  errorClass: ConnectionRefusedError,
  reason: "nobody listens there, and the connection met itself",
  cause: undefined,
};

/** True if `socket`, which is connected to `target`, met itself: TCP connects two ends that open at once, and if the system chose the port that we connect to as ours, these are one and the same. */
export function isSelfConnect(socket: Socket, target: Address): boolean {
  const { localAddress } = socket;
  if (localAddress.transport !== "tcp" || target.transport !== "tcp") {
    return false;
  }
  if (localAddress.port !== target.port) return false;
  // The address of the peer is read only if it matters.
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

/** What `failure` of a connect to `address` means. */
export function connectFailure(
  address: Address,
  failure: SocketFailure,
): Failure {
  return failureAt(address, failure, MEANINGS, ConnectError);
}

/** The error of a connect to `address`, which failed by `failure`. */
export function connectErrorOf(
  address: Address,
  failure: Failure,
): ReactioError {
  return errorOf(`connect to ${describeAddress(address)}`, failure);
}
