import type { Address } from "../contract/address.ts";
import type { SocketFailure } from "../contract/failure.ts";
import { formatAddress } from "../api/address.ts";
import {
  AddressInUseError,
  AddressNotAvailableError,
  HandlerError,
  InvalidReactorError,
  ListenError,
  NameNotFoundError,
  PermissionDeniedError,
  type ReactioError,
  ReactorNotFoundError,
  ResourcesExhaustedError,
} from "../api/errors.ts";
import { forget } from "../util/forget.ts";
import { unixPathKind } from "../util/unix_paths.ts";
import { isError, messageOf, textOf } from "../util/text.ts";

/** Why something failed at an address: what kind of error that is, its reason alone, and the host's own error. */
export interface Failure {
  readonly errorClass: new (
    message: string,
    options: ErrorOptions,
  ) => ReactioError;
  readonly reason: string;
  readonly cause: unknown;
}

/** The error of `action`, which failed by `failure`. */
export function errorOf(
  action: string,
  { errorClass, reason, cause }: Failure,
): ReactioError {
  return new errorClass(`Cannot ${action}: ${reason}`, { cause });
}

/** The error of a listen on `address` that failed. */
export function listenError(
  address: Address,
  failure: SocketFailure,
): ReactioError {
  return errorOf(
    `listen on ${formatAddress(address)}`,
    listenFailure(address, failure),
  );
}

function listenFailure(address: Address, failure: SocketFailure): Failure {
  const { cause, message } = failure;
  const isFile = address.transport === "unix" &&
    unixPathKind(address.path) === "file";
  const isFd = address.transport === "fd";
  switch (failure.kind) {
    case "in-use":
      return {
        errorClass: AddressInUseError,
        reason: isFile
          ? `the address is in use (${message})`
          : isFd
          ? "this process listens on it already"
          : "the address is in use",
        cause,
      };
    case "not-available":
      return {
        errorClass: AddressNotAvailableError,
        reason: isFile
          ? `its folder is missing (${message})`
          : isFd
          ? `it is no socket that can be listened on (${message})`
          : "it is no address of this machine",
        cause,
      };
    default:
      return commonFailure(address, failure) ??
        { errorClass: ListenError, reason: failure.message, cause };
  }
}

/** What `failure` at `address` means to a connect and to a listen; undefined if that is not the same. */
export function commonFailure(
  address: Address,
  failure: SocketFailure,
): Failure | undefined {
  const { cause, message } = failure;
  switch (failure.kind) {
    case "name-not-found":
      return {
        errorClass: NameNotFoundError,
        reason: `the name "${nameOf(address)}" does not resolve`,
        cause,
      };
    case "denied":
      return {
        errorClass: PermissionDeniedError,
        reason: `it is not permitted (${message})`,
        cause,
      };
    case "exhausted":
      return {
        errorClass: ResourcesExhaustedError,
        reason: `the process is out of resources (${message})`,
        cause,
      };
    default:
      return undefined;
  }
}

function nameOf(address: Address): string {
  return address.transport === "tcp"
    ? address.hostname
    : formatAddress(address);
}

/** What was thrown if it is an `Error`, else a {@linkcode HandlerError} around it. */
export function toError(thrown: unknown, handler: string): Error {
  return isError(thrown) ? thrown : new HandlerError(
    `${handler} threw ${textOf(thrown)}, which is not an Error`,
    { cause: thrown },
  );
}

/** `error`, whose message is a reason alone, as what `action` failed with. */
export function withAction(error: Error, action: string): Error {
  const Same = error.constructor as new (
    message: string,
    options: ErrorOptions,
  ) => Error;
  return new Same(`Cannot ${action}: ${error.message}`, {
    cause: error.cause,
  });
}

/** Nothing has the id that `action` names. */
export function notFound(action: string): ReactorNotFoundError {
  return new ReactorNotFoundError(
    `Cannot ${action}: it was closed, or never was`,
  );
}

/** Throws {@linkcode InvalidReactorError} unless `reactor` can be used as one. */
export function checkReactor(reactor: unknown): void {
  checkMethod(reactor, "a reactor", "onInboundMessage");
}

/** Throws {@linkcode InvalidReactorError} unless `handler` can be used as a listener handler. */
export function checkListenerHandler(handler: unknown): void {
  checkMethod(handler, "a listener handler", "onNewConnection");
}

function checkMethod(value: unknown, use: string, name: string): void {
  let cause: unknown = undefined;
  try {
    const found = (value as Record<string, unknown> | null | undefined)?.[name];
    if (typeof found === "function") return;
  } catch (thrown) {
    cause = thrown;
  }
  forget(value);
  throw new InvalidReactorError(
    `Cannot use ${textOf(value)} as ${use}: ${
      cause === undefined
        ? `it has no ${name}`
        : `its ${name} cannot be read (${messageOf(cause)})`
    }`,
    { cause },
  );
}
