/**
 * What a connection goes through before it is served: a PROXY header, TLS, or an
 * upgrade.
 *
 * @module
 */

import type { TlsFailureReason } from "../../contract/tls.ts";
import { nameOf } from "../own_errors.ts";
import { ReactioError } from "./reactio_error.ts";

/** A connection came from an address whose PROXY headers are not `trusted`. */
export class UntrustedProxyError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { UntrustedProxyError });
}

/** The PROXY header of a connection was not complete within `timeoutMs`. */
export class ProxyHeaderTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ProxyHeaderTimeoutError });
}

/** A handshake of TLS failed. */
export class TlsHandshakeError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { TlsHandshakeError });
  /** Why. */
  readonly reason: TlsFailureReason;

  /**
   * Tells of a handshake that failed.
   *
   * @param message Says which, and why.
   * @param options Why, in one word, and the runtime's own error.
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

/** A connection was to start TLS that has it already, or is about to. */
export class TlsAlreadyStartedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { TlsAlreadyStartedError });
}

/**
 * Bytes were received in plain behind the message whose handler has started TLS.
 * To read them as if they had come in TLS would let anybody on the way put words
 * into the mouth of the peer, so the connection is closed.
 */
export class PlaintextAfterStartTlsError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { PlaintextAfterStartTlsError });
}

/** An upgrade, which a connection goes through before it is served, took too long. */
export class UpgradeTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { UpgradeTimeoutError });
}
