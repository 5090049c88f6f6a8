/**
 * Failures before a connection is served: of its PROXY header, TLS, or upgrade.
 *
 * @module
 */

import type { TlsFailureReason } from "../../contract/tls.ts";
import { nameOf } from "../own_errors.ts";
import { ReactioError } from "./reactio_error.ts";

/**
 * The connection came from an address that is not `trusted` to send PROXY
 * headers.
 */
export class UntrustedProxyError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { UntrustedProxyError });
}

/** The PROXY header of a connection was not complete within `timeoutMs`. */
export class ProxyHeaderTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ProxyHeaderTimeoutError });
}

/** A TLS handshake failed. */
export class TlsHandshakeError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { TlsHandshakeError });
  /** The reason. */
  readonly reason: TlsFailureReason;

  /**
   * Creates the error of a failed handshake.
   *
   * @param message Which handshake, and why.
   * @param options The reason, and the runtime's own error.
   */
  constructor(
    message: string,
    { reason = "other", cause }: {
      readonly reason?: TlsFailureReason | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause });
    this.reason = reason;
  }
}

/** TLS was to start on a connection that already has it, or is about to. */
export class TlsAlreadyStartedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { TlsAlreadyStartedError });
}

/**
 * Plaintext followed the message whose handler started TLS. Reading it as if it
 * were encrypted would let anyone on the path insert data into the peer's
 * stream, so the connection is closed.
 */
export class PlaintextAfterStartTlsError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { PlaintextAfterStartTlsError });
}

/** An upgrade of a connection took too long. */
export class UpgradeTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { UpgradeTimeoutError });
}
