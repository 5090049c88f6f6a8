/**
 * No listener, or no connection, was opened.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";
import { ReactioError } from "./reactio_error.ts";

/** The sockets of this runtime are not of the kind that the address asks for. */
export class UnsupportedTransportError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { UnsupportedTransportError });
}

/** A part of the library that is loaded when it is asked for first, such as TLS, cannot be loaded: a bundle is not all there, for instance; see `cause`. It is loaded again when it is asked for again. */
export class LoadError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { LoadError });
}

/** A listen failed for a reason that has no class of its own; see `cause`. */
export class ListenError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ListenError });
}

/** Another socket is bound to the address. */
export class AddressInUseError extends ListenError {
  /** @ignore */
  override name: string = nameOf(this, { AddressInUseError });
}

/** The address is not one of this machine's. */
export class AddressNotAvailableError extends ListenError {
  /** @ignore */
  override name: string = nameOf(this, { AddressNotAvailableError });
}

/** A connect failed for a reason that has no class of its own, or at the addresses of a name for different reasons; see `cause`. */
export class ConnectError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectError });
}

/** Nobody listens at the address. */
export class ConnectionRefusedError extends ConnectError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectionRefusedError });
}

/** The connect took longer than `connectTimeoutMs`, or than the system allows. */
export class ConnectTimeoutError extends ConnectError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectTimeoutError });
}

/** The peer reset a connection before it was open: so some systems tell of a listener that has dropped it. */
export class ConnectResetError extends ConnectError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectResetError });
}

/** The signal of a connect was aborted; its reason is the `cause`. */
export class ConnectCancelledError extends ConnectError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectCancelledError });
}

/** There is no route to the host. */
export class HostUnreachableError extends ConnectError {
  /** @ignore */
  override name: string = nameOf(this, { HostUnreachableError });
}

/** As many attempts to connect as were allowed have failed; `cause` is why the last one did. */
export class AttemptsExhaustedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { AttemptsExhaustedError });
}

/** The host name does not resolve. */
export class NameNotFoundError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { NameNotFoundError });
}

/** The runtime or the system does not permit it. */
export class PermissionDeniedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { PermissionDeniedError });
}

/** The process is out of file descriptors, buffers or memory. */
export class ResourcesExhaustedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ResourcesExhaustedError });
}

/** An inspector was to listen where others than this machine can reach it, and had no token. */
export class InspectorExposedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { InspectorExposedError });
}
