import type { Address, TcpAddress } from "../contract/address.ts";
import type { SocketFailure } from "../contract/failure.ts";
import type { Socket } from "../contract/socket.ts";
import { formatAddress } from "../api/address.ts";
import {
  ConnectError,
  ConnectionRefusedError,
  ConnectResetError,
  ConnectTimeoutError,
  HostUnreachableError,
  NameNotFoundError,
  type ReactioError,
} from "../api/errors.ts";
import { MAX_REASON, messageOf, textOf } from "../util/text.ts";
import { commonFailure, errorOf, type Failure } from "./failures.ts";

/** Nobody listens where a connect met itself. */
export const MET_ITSELF: Failure = {
  errorClass: ConnectionRefusedError,
  reason: "nobody listens there, and the connection met itself",
  cause: undefined,
};

/** True if `socket`, which is connected to `target`, met itself: TCP connects two ends that open at once, and if the system chose the port that we connect to as ours, these are one and the same. */
export function hasMetItself(socket: Socket, target: Address): boolean {
  const { localAddress } = socket;
  if (localAddress.transport !== "tcp" || target.transport !== "tcp") {
    return false;
  }
  if (localAddress.port !== target.port) return false;
  // The peer's address is asked for only where that says something.
  const { remoteAddress } = socket;
  return remoteAddress.transport === "tcp" &&
    remoteAddress.hostname === localAddress.hostname;
}

/** What `failure` of a connect to `address` means. */
export function connectFailure(
  address: Address,
  failure: SocketFailure,
): Failure {
  const { cause } = failure;
  switch (failure.kind) {
    case "refused":
      return {
        errorClass: ConnectionRefusedError,
        reason: "nobody listens there",
        cause,
      };
    case "timed-out":
      return {
        errorClass: ConnectTimeoutError,
        reason: "the system timed out",
        cause,
      };
    case "unreachable":
      return {
        errorClass: HostUnreachableError,
        reason: "there is no route to it",
        cause,
      };
    case "reset":
      return {
        errorClass: ConnectResetError,
        reason: "it was reset before it was open",
        cause,
      };
    default:
      return commonFailure(address, failure) ??
        { errorClass: ConnectError, reason: failure.message, cause };
  }
}

/** What it means that the adapter has thrown where it was to connect. */
export function thrownFailure(cause: unknown): Failure {
  const reason = messageOf(cause, MAX_REASON);
  return { errorClass: ConnectError, reason, cause };
}

/** The error of a connect to `address`, which failed by `failure`. */
export function connectErrorOf(
  address: Address,
  failure: Failure,
): ReactioError {
  return errorOf(`connect to ${formatAddress(address)}`, failure);
}

/** The failure of a connect to `name`, which stands for no address. */
export function unknownName(name: string): Failure {
  return {
    errorClass: NameNotFoundError,
    reason: `the name "${name}" has no address`,
    cause: undefined,
  };
}

/** What became of the addresses of a name, for messages: `at 10.0.0.1: nobody listens there; at …`. */
export function listOf(
  outcomes: Iterable<
    readonly [hostname: string, outcome: Pick<Failure, "reason">]
  >,
): string {
  return Array.from(
    outcomes,
    ([hostname, { reason }]) => `at ${hostname}: ${textOf(reason)}`,
  ).join("; ");
}

/**
 * The error of a connect to the name in `target`, which failed at each of its
 * addresses: of the class that all of these failures have, or else a
 * {@linkcode ConnectError}. With several its `cause` is an `AggregateError` of
 * one error for each.
 */
export function raceError(
  target: TcpAddress,
  failures: ReadonlyMap<string, Failure>,
): ReactioError {
  const [[hostname, first], ...others] = failures;
  if (others.length === 0 && hostname === target.hostname) {
    return connectErrorOf(target, first);
  }
  const isSame = others.every(([, { errorClass }]) =>
    errorClass === first.errorClass
  );
  const errors = Array.from(
    failures,
    ([at, failure]) => connectErrorOf({ ...target, hostname: at }, failure),
  );
  return new (isSame ? first.errorClass : ConnectError)(
    `Cannot connect to ${formatAddress(target)} ${listOf(failures)}`,
    { cause: others.length === 0 ? first.cause : new AggregateError(errors) },
  );
}
