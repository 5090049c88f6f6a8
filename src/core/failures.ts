import type { Address } from "../contract/address.ts";
import type { SocketFailure } from "../contract/failure.ts";
import { formatAddress } from "../api/address.ts";
import {
  AddressInUseError,
  AddressNotAvailableError,
  ConnectError,
  ConnectionRefusedError,
  ConnectTimeoutError,
  HandlerError,
  HostUnreachableError,
  InvalidReactorError,
  ListenError,
  NameNotFoundError,
  PermissionDeniedError,
  type ReactioError,
  ReactorNotFoundError,
  ResourcesExhaustedError,
} from "../api/errors.ts";
import { forget } from "../util/forget.ts";
import { isError, messageOf, textOf } from "../util/text.ts";

/** The error of a connect to `address` that failed. */
export function connectError(
  address: Address,
  failure: SocketFailure,
): ReactioError {
  const to = formatAddress(address);
  const options = { cause: failure.cause };
  switch (failure.kind) {
    case "refused":
      return new ConnectionRefusedError(
        `Cannot connect to ${to}: nobody listens there`,
        options,
      );
    case "timed-out":
      return new ConnectTimeoutError(
        `Cannot connect to ${to}: the system timed out`,
        options,
      );
    case "unreachable":
      return new HostUnreachableError(
        `Cannot connect to ${to}: there is no route to it`,
        options,
      );
    default:
      return commonError(`connect to ${to}`, address, failure) ??
        new ConnectError(
          `Cannot connect to ${to}: ${failure.message}`,
          options,
        );
  }
}

/** The error of a listen on `address` that failed. */
export function listenError(
  address: Address,
  failure: SocketFailure,
): ReactioError {
  const on = formatAddress(address);
  const options = { cause: failure.cause };
  switch (failure.kind) {
    case "in-use":
      return new AddressInUseError(
        `Cannot listen on ${on}: the address is in use`,
        options,
      );
    case "not-available":
      return new AddressNotAvailableError(
        `Cannot listen on ${on}: it is no address of this machine`,
        options,
      );
    default:
      return commonError(`listen on ${on}`, address, failure) ??
        new ListenError(
          `Cannot listen on ${on}: ${failure.message}`,
          options,
        );
  }
}

function commonError(
  action: string,
  address: Address,
  failure: SocketFailure,
): ReactioError | undefined {
  const options = { cause: failure.cause };
  switch (failure.kind) {
    case "name-not-found":
      return new NameNotFoundError(
        `Cannot ${action}: the name "${nameOf(address)}" does not resolve`,
        options,
      );
    case "denied":
      return new PermissionDeniedError(
        `Cannot ${action}: it is not permitted (${failure.message})`,
        options,
      );
    case "exhausted":
      return new ResourcesExhaustedError(
        `Cannot ${action}: the process is out of resources (${failure.message})`,
        options,
      );
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
