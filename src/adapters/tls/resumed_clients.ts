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

// As they are in a certificate (RFC 5280): the names of its extensions, and a purpose.
const NAME_CONSTRAINTS = "\x06\x03\x55\x1d\x1e";
const EXTENDED_KEY_USAGE = "\x06\x03\x55\x1d\x25";
const CLIENT_AUTHENTICATION = "\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02";

/** Follows the name of an extension that is critical. */
const CRITICAL = "\x01\x01\xff";

/** A client, and whoever has signed its certificate for an authority. */
const LONGEST_CHAIN = 2;

/**
 * Looks at the certificates of clients that go on with a session. Deno takes them
 * all for right: also one that was refused when its session began, or whose
 * session began at another listener, which asks for none.
 */
export class ResumedClients {
  readonly #authorities: readonly NativeX509[];

  /** `ca` are those whose clients are right; those of the runtime are not known here, so that without any nobody is. Whom one may sign that is for some names only is not known, either. */
  constructor(ca: readonly TlsMaterial[] = []) {
    this.#authorities = ca.flatMap(certificatesIn).filter(isForAll);
  }

  /** What is wrong with the client at the other end of `native`, if it goes on with a session; undefined if nothing is. Of what cannot be told for certain it is none of an authority. */
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

/** The DER of what `native` shows, and of what that leads to. */
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

/** True unless `certificate` says what it is for, and that is something else. */
function isClient(certificate: NativeX509): boolean {
  // What looks like the name of the extension and is none only makes it stricter.
  const [, ...after] = derOf(certificate).split(EXTENDED_KEY_USAGE);
  return after.every((rest) => valueIn(rest).includes(CLIENT_AUTHENTICATION));
}

/** The value of an extension, of which `text` has all but its name; empty if it is not there. Of one of more than 127 bytes it is not all. */
function valueIn(text: string): string {
  const start = text.startsWith(CRITICAL) ? CRITICAL.length : 0;
  if (text[start] !== "\x04") return "";
  const length = Math.min(text.charCodeAt(start + 1), 0x7f);
  return text.slice(start + 2, start + 2 + length);
}

/** True unless `authority` may sign some names only. */
function isForAll(authority: NativeX509): boolean {
  return !derOf(authority).includes(NAME_CONSTRAINTS);
}

function derOf({ raw }: NativeX509): string {
  return Array.from(raw, (byte) => String.fromCharCode(byte)).join("");
}
