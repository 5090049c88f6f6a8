// The alerts of TLS (RFC 8446, section 6).

import type { TlsFailureReason } from "../../contract/tls.ts";

const WARNING = 1;
const FATAL = 2;
const CLOSE_NOTIFY = 0;
const HANDSHAKE_FAILURE = 40;
const NO_COMMON_VERSION = 70;
const NO_COMMON_PROTOCOL = 120;

const NUMBERS: { readonly [reason in TlsFailureReason]?: number } = {
  "not-tls": 50,
  "expired": 45,
  "not-yet-valid": 42,
  "untrusted": 48,
  "wrong-name": 42,
  "no-certificate": 116,
  "no-common-version": NO_COMMON_VERSION,
  "no-common-protocol": NO_COMMON_PROTOCOL,
};

const NAMES: Readonly<Record<number, string>> = {
  10: "unexpected_message",
  [HANDSHAKE_FAILURE]: "handshake_failure",
  42: "bad_certificate",
  45: "certificate_expired",
  48: "unknown_ca",
  50: "decode_error",
  [NO_COMMON_VERSION]: "protocol_version",
  116: "certificate_required",
  [NO_COMMON_PROTOCOL]: "no_application_protocol",
};

/** The alert that says that nothing more comes. */
export const CLOSE: Uint8Array = Uint8Array.of(WARNING, CLOSE_NOTIFY);

/** The alert that says that the handshake has failed because of `reason`. */
export function alertOf(reason: TlsFailureReason): Uint8Array {
  return Uint8Array.of(FATAL, NUMBERS[reason] ?? HANDSHAKE_FAILURE);
}

/** True if `alert` says that nothing more comes. */
export function isClose(alert: Uint8Array): boolean {
  return alert[1] === CLOSE_NOTIFY;
}

/** The name of `alert`. */
export function nameOfAlert(alert: Uint8Array): string {
  return NAMES[alert[1]] ?? `number ${alert[1]}`;
}

/** Why the handshake failed, if the peer ended it with `alert`. */
export function reasonOfAlert(alert: Uint8Array): TlsFailureReason {
  switch (alert[1]) {
    case NO_COMMON_VERSION:
      return "no-common-version";
    case NO_COMMON_PROTOCOL:
      return "no-common-protocol";
    case CLOSE_NOTIFY:
      return "closed";
    default:
      return "refused";
  }
}
