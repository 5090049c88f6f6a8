import type { Address } from "../contract/address.ts";
import type { FailureKind, SocketFailure } from "../contract/failure.ts";
import { describeAddress } from "../api/address.ts";
import {
  AddressInUseError,
  AddressNotAvailableError,
  ListenError,
  NameNotFoundError,
  PermissionDeniedError,
  type ReactioError,
  ReactorNotFoundError,
  ResourcesExhaustedError,
} from "../api/errors.ts";
import { unixPathKind } from "../util/unix_paths.ts";

/** The class of the error for a failure. */
type ErrorClass = new (message: string, options: ErrorOptions) => ReactioError;

/** Why something failed at an address: the class of the error, the reason without the action, and the host's own error. */
export interface Failure {
  readonly errorClass: ErrorClass;
  readonly reason: string;
  readonly cause: unknown;
}

/** The meaning of each kind of failure. */
export type Meanings = {
  readonly [_ in FailureKind]?: readonly [ErrorClass, reason: string];
};

/** Creates the error of `action` for `failure`. */
export function errorOf(
  action: string,
  { errorClass, reason, cause }: Failure,
): ReactioError {
  return new errorClass(`Cannot ${action}: ${reason}`, { cause });
}

/** Creates the error of a failed listen on `address`. */
export function listenError(
  address: Address,
  failure: SocketFailure,
): ReactioError {
  return errorOf(
    `listen on ${describeAddress(address)}`,
    failureAt(address, failure, listenMeanings(address, failure), ListenError),
  );
}

function listenMeanings(
  address: Address,
  { message }: SocketFailure,
): Meanings {
  const isFile = address.transport === "unix" &&
    unixPathKind(address.path) === "file";
  const isFd = address.transport === "fd";
  return {
    "in-use": [
      AddressInUseError,
      isFile
        ? `the address is in use (${message})`
        : isFd
        ? "this process listens on it already"
        : "the address is in use",
    ],
    "not-available": [
      AddressNotAvailableError,
      isFile
        ? `its folder is missing (${message})`
        : isFd
        ? `it is not a socket that can listen (${message})`
        : "it is not an address of this machine",
    ],
  };
}

/**
 * Interprets `failure` at `address`: by `meanings`, else by those common to
 * connect and listen, else as an `errorClass`.
 */
export function failureAt(
  address: Address,
  { kind, message, cause }: SocketFailure,
  meanings: Meanings,
  errorClass: ErrorClass,
): Failure {
  const all: Meanings = {
    "name-not-found": [
      NameNotFoundError,
      `the name "${hostOf(address)}" does not resolve`,
    ],
    denied: [PermissionDeniedError, `it is not permitted (${message})`],
    exhausted: [
      ResourcesExhaustedError,
      `the process is out of resources (${message})`,
    ],
    ...meanings,
  };
  const [found, reason] = all[kind] ?? [errorClass, message];
  return { errorClass: found, reason, cause };
}

function hostOf(address: Address): string {
  return address.transport === "tcp"
    ? address.hostname
    : describeAddress(address);
}

/**
 * Turns `error`, whose message is only a reason, into the error of `action`.
 */
export function withAction(error: Error, action: string): Error {
  const Same = error.constructor as new (
    message: string,
    options: ErrorOptions,
  ) => Error;
  return new Same(`Cannot ${action}: ${error.message}`, {
    cause: error.cause,
  });
}

/** Creates the error of `action` for an id that finds nothing. */
export function notFound(action: string): ReactorNotFoundError {
  return new ReactorNotFoundError(
    `Cannot ${action}: it was closed, or never was`,
  );
}
