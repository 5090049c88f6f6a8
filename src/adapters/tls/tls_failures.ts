import { SocketFailure } from "../../contract/failure.ts";
import type { HandshakeFailure, TlsFailureReason } from "../../contract/tls.ts";
import { failureOf } from "../failure_kinds.ts";

/** Error codes of all runtimes for certificates and handshakes. */
const REASON_BY_CODE: Readonly<Record<string, TlsFailureReason>> = {
  CERT_HAS_EXPIRED: "expired",
  CERT_NOT_YET_VALID: "not-yet-valid",
  DEPTH_ZERO_SELF_SIGNED_CERT: "untrusted",
  SELF_SIGNED_CERT_IN_CHAIN: "untrusted",
  UNABLE_TO_GET_ISSUER_CERT: "untrusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "untrusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "untrusted",
  CERT_SIGNATURE_FAILURE: "untrusted",
  CERT_CHAIN_TOO_LONG: "untrusted",
  CERT_REVOKED: "untrusted",
  CERT_UNTRUSTED: "untrusted",
  CERT_REJECTED: "untrusted",
  INVALID_CA: "untrusted",
  INVALID_PURPOSE: "untrusted",
  PATH_LENGTH_EXCEEDED: "untrusted",
  UNSPECIFIED: "untrusted", // for example a name that violates the constraints of an authority
  ERR_SSL_KEY_USAGE_BIT_INCORRECT: "untrusted",
  ERR_TLS_CERT_ALTNAME_INVALID: "wrong-name",
  HOSTNAME_MISMATCH: "wrong-name",
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: "no-certificate",
  ERR_SSL_NO_APPLICATION_PROTOCOL: "no-common-protocol",
  ERR_SSL_UNSUPPORTED_PROTOCOL: "no-common-version",
  ERR_SSL_NO_SHARED_CIPHER: "no-common-version",
  ERR_SSL_NO_SHARED_GROUP: "no-common-version",
  ERR_SSL_NO_SUITABLE_KEY_SHARE: "no-common-version",
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: "no-common-version",
  ERR_SSL_NO_COMMON_SIGNATURE_ALGORITHMS: "no-common-version",
  ERR_SSL_NO_SHARED_SIGNATURE_ALGORITHMS: "no-common-version",
  ERR_SSL_WRONG_VERSION_NUMBER: "not-tls",
  ERR_SSL_HTTP_REQUEST: "not-tls",
  ERR_SSL_HTTPS_PROXY_REQUEST: "not-tls",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "not-tls",
  ERR_SSL_UNKNOWN_PROTOCOL: "not-tls",
  ECONNRESET: "closed",
  EPIPE: "closed",
};

interface NativeError {
  readonly code?: unknown;
  readonly message?: unknown;
}

/**
 * Classifies the error of a handshake. `verdict` is the code or the error of
 * the certificate check, if that failed.
 */
export function handshakeFailure(
  error: unknown,
  verdict?: unknown,
): HandshakeFailure {
  const code = codeOf(verdict) ?? verdict;
  const reason = code
    ? REASON_BY_CODE[`${code}`] ?? "untrusted"
    : reasonOf(error);
  return { reason, cause: error };
}

function reasonOf(error: unknown): TlsFailureReason {
  const { code, message } = (error ?? {}) as NativeError;
  const text = `${code} ${message}`;
  // Bun has no code for these; the message ends with the reason of its TLS
  // library.
  const [, word = ""] = /:([A-Z\d_]+)\s*$/.exec(`${message}`) ?? [];
  const known = REASON_BY_CODE[String(code)] ??
    REASON_BY_CODE[`ERR_SSL_${word}`];
  if (known !== undefined) return known;
  if (/ALERT_NO_APPLICATION_PROTOCOL/i.test(text)) return "no-common-protocol";
  if (/InvalidContentType|corrupt message/i.test(text)) return "not-tls";
  if (/ALERT_PROTOCOL_VERSION|VERSION_TOO_LOW/i.test(text)) {
    return "no-common-version";
  }
  // Deno reports its own refusals with the code of the alert that it sent.
  if (/^peer is incompatible/.test(`${message}`)) return "no-common-version";
  return /\balert\b|_ALERT_/i.test(`${message}`) ? "refused" : "other";
}

/** How Deno, Bun and Node name an alert in messages. */
const ALERT_NAMES = [
  /received fatal alert: (\w+)/,
  /:(?:SSLV3|TLSV1)_ALERT_([A-Z\d_]+)/,
  /(?:ssl\/tls|sslv3|tlsv1|tlsv13) alert ([a-z\d ]+)/,
];

/**
 * Matches an error of the TLS library: by its code, or on Bun by its message.
 */
const OF_TLS = /^ERR_SSL_|:SSL routines:/;

/**
 * The failure of an established TLS connection. An alert of the peer gets the
 * same message on every runtime.
 */
export function secureFailureOf(error: unknown): SocketFailure {
  const { code = "", message } = (error ?? {}) as NativeError;
  for (const pattern of ALERT_NAMES) {
    const name = pattern.exec(`${message}`)?.[1];
    if (name === undefined) continue;
    const words = name.replace(/\B[A-Z](?=[a-z])|(?<=[a-z])[A-Z]/g, " $&")
      .replaceAll("_", " ");
    const text = `it ended TLS with the alert "${words.toLowerCase()}"`;
    return new SocketFailure("other", new Error(text, { cause: error }));
  }
  return OF_TLS.test(`${code} ${message}`)
    ? new SocketFailure("broken-tls", error)
    : failureOf(error);
}

function codeOf(value: unknown): unknown {
  return typeof value === "object" && value !== null
    ? (value as NativeError).code
    : undefined;
}

/** The alerts with which a client refuses the certificate of a server. */
const REFUSALS: Readonly<Record<number, string>> = {
  42: "bad certificate",
  43: "unsupported certificate",
  44: "certificate revoked",
  45: "certificate expired",
  46: "certificate unknown",
  48: "unknown ca",
};

/**
 * Returns `failure` of a handshake, or the refusal that an unencrypted `alert`
 * of the peer stands for. OpenSSL sends alerts unencrypted until it has
 * accepted the server's certificate; the TLS of Bun expects encrypted records
 * by then, and cannot read them.
 */
export function withAlert(
  failure: HandshakeFailure,
  alert: number | undefined,
): HandshakeFailure {
  if (failure.reason !== "other" || !alert) return failure;
  const text = `it sent the alert ${REFUSALS[alert] ?? alert}`;
  const cause = new Error(text, { cause: failure.cause });
  return { reason: "refused", cause };
}

function alert(description: number): Uint8Array {
  return Uint8Array.of(21, 3, 3, 0, 2, 2, description);
}

/**
 * The fatal alert with which a server answers an unacceptable ClientHello if
 * its runtime sends none.
 */
export const ALERTS: { readonly [reason in TlsFailureReason]?: Uint8Array } = {
  "not-tls": alert(50),
  "no-common-version": alert(70),
  "no-common-protocol": alert(120),
};
