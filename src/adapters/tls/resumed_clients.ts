import type { TlsFailureReason, TlsMaterial } from "../../contract/tls.ts";
import { hostClock } from "../host_clock.ts";
import {
  certificatesIn,
  certificatesOf,
  faultOf,
} from "./certificate_paths.ts";
import type {
  NativeCertificate,
  NativeTlsSocket,
  NativeX509,
} from "./node_tls_types.ts";

// DER encodings (RFC 5280): two extension ids, and the id of a purpose.
const NAME_CONSTRAINTS = "\x06\x03\x55\x1d\x1e";
const EXTENDED_KEY_USAGE = "\x06\x03\x55\x1d\x25";
const CLIENT_AUTHENTICATION = "\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02";

/** Follows the id of an extension that is marked critical. */
const CRITICAL = "\x01\x01\xff";

/** The client's certificate and one intermediate. */
const LONGEST_CHAIN = 2;

/**
 * Checks the certificates of clients that resume a session.
 *
 * Deno accepts all of them, even if the certificate was refused when the
 * session began, or if the session began at another listener that requests no
 * certificates.
 */
export class ResumedClients {
  readonly #authorities: readonly NativeX509[];

  /**
   * `ca` are the trusted authorities. Those of the runtime are unknown here, so
   * without `ca` no client is valid. Authorities with name constraints are
   * ignored, since the constraints are not evaluated.
   */
  constructor(ca: readonly TlsMaterial[] = []) {
    this.#authorities = ca.flatMap(certificatesIn).filter(isForAll);
  }

  /**
   * What is wrong with the certificate of the client behind `native`, if it
   * resumes a session; undefined if nothing is. In doubt, it is `untrusted`.
   */
  faultOf(native: NativeTlsSocket): TlsFailureReason | undefined {
    if (!native.isSessionReused()) return undefined;
    const shown = certificatesOf(chainOf(native.getPeerCertificate(true)));
    if (shown.length === 0) return "no-certificate";
    const authorities = this.#authorities;
    const [client, ...others] = shown;
    const between = others.filter(({ fingerprint256 }) =>
      authorities.every((one) => one.fingerprint256 !== fingerprint256)
    );
    const chain = [client, ...between];
    const isClear = chain.length <= LONGEST_CHAIN && isClient(client) &&
      between.every(isForAll);
    return isClear
      ? faultOf(chain, { authorities, now: hostClock.wallNow() })
      : "untrusted";
  }
}

/** The peer's certificate and its issuers, as DER. */
function chainOf(native: NativeCertificate | null | undefined): Uint8Array[] {
  const chain: Uint8Array[] = [];
  const seen = new Set<NativeCertificate>();
  for (
    let one = native ?? undefined;
    one?.raw !== undefined && !seen.has(one);
    one = one.issuerCertificate
  ) {
    seen.add(one);
    chain.push(one.raw);
  }
  return chain;
}

/**
 * True unless the certificate is restricted to purposes other than client
 * authentication.
 */
function isClient(certificate: NativeX509): boolean {
  // A chance match of the extension id only makes the check stricter.
  const [, ...after] = derOf(certificate).split(EXTENDED_KEY_USAGE);
  return after.every((rest) => valueIn(rest).includes(CLIENT_AUTHENTICATION));
}

/**
 * The value of an extension; `text` starts right behind its id. Empty if it is
 * malformed; cut off at 127 bytes.
 */
function valueIn(text: string): string {
  const start = text.startsWith(CRITICAL) ? CRITICAL.length : 0;
  if (text[start] !== "\x04") return "";
  const length = Math.min(text.charCodeAt(start + 1), 0x7f);
  return text.slice(start + 2, start + 2 + length);
}

/** True unless `authority` has name constraints. */
function isForAll(authority: NativeX509): boolean {
  return !derOf(authority).includes(NAME_CONSTRAINTS);
}

function derOf({ raw }: NativeX509): string {
  return Array.from(raw, (byte) => String.fromCharCode(byte)).join("");
}
