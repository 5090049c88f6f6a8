/**
 * Failed listens and connects.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";
import { ReactioError } from "./reactio_error.ts";

/**
 * The sockets of this runtime do not support the transport of the address, or
 * TLS.
 */
export class UnsupportedTransportError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { UnsupportedTransportError });
}

/**
 * A part of the library that is loaded on demand, such as TLS, failed to load,
 * for example because a bundle is incomplete; see `cause`. The next use tries
 * again.
 */
export class LoadError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { LoadError });
}

/** A listen failed for a reason without a class; see `cause`. */
export class ListenError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ListenError });
}

/** Another socket is bound to the address. */
export class AddressInUseError extends ListenError {
  /** @ignore */
  override name: string = nameOf(this, { AddressInUseError });
}

/** The address does not belong to this machine. */
export class AddressNotAvailableError extends ListenError {
  /** @ignore */
  override name: string = nameOf(this, { AddressNotAvailableError });
}

/**
 * A connect failed for a reason without a class, or at several addresses for
 * different reasons; see `cause`.
 */
export class ConnectError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectError });
}

/** Nobody listens at the address. */
export class ConnectionRefusedError extends ConnectError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectionRefusedError });
}

/**
 * The connect took longer than `connectTimeoutMs`, or than the system allows.
 */
export class ConnectTimeoutError extends ConnectError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectTimeoutError });
}

/**
 * The peer reset the connection before it was open. On some systems this means
 * that the listener dropped it.
 */
export class ConnectResetError extends ConnectError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectResetError });
}

/** The signal of a connect was aborted; `cause` is its reason. */
export class ConnectCancelledError extends ConnectError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectCancelledError });
}

/** There is no route to the host. */
export class HostUnreachableError extends ConnectError {
  /** @ignore */
  override name: string = nameOf(this, { HostUnreachableError });
}

/**
 * All permitted attempts to connect have failed; `cause` is the error of the
 * last one.
 */
export class AttemptsExhaustedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { AttemptsExhaustedError });
}

/** The host name does not resolve. */
export class NameNotFoundError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { NameNotFoundError });
}

/** The runtime or the system denies permission. */
export class PermissionDeniedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { PermissionDeniedError });
}

/** The process is out of file descriptors, buffers or memory. */
export class ResourcesExhaustedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ResourcesExhaustedError });
}

/**
 * An inspector without a token was to listen at an address that other machines
 * can reach.
 */
export class InspectorExposedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { InspectorExposedError });
}
