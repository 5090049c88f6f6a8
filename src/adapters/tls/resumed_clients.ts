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
const NAME_CONSTRAINTS = "\x55\x1d\x1e";
const EXTENDED_KEY_USAGE = "\x55\x1d\x25";
const CLIENT_AUTHENTICATION = "\x2b\x06\x01\x05\x05\x07\x03\x02";

/** A client, and whoever has signed its certificate for an authority. */
const LONGEST_CHAIN = 2;

/**
 * Looks at the certificates of clients that go on with a session. Deno takes them
 * all for right: also one that was refused when its session began, or whose
 * session began at another listener, which asks for none.
 */
export class ResumedClients {
  readonly #authorities: readonly NativeX509[];

  /** `ca` are those whose clients are right; those of the runtime are not known here, so that without any nobody is. */
  constructor(ca: readonly TlsMaterial[] = []) {
    this.#authorities = ca.flatMap(certificatesIn);
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
      !between.some((one) => has(one, NAME_CONSTRAINTS));
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
  return !has(certificate, EXTENDED_KEY_USAGE) ||
    has(certificate, CLIENT_AUTHENTICATION);
}

function has({ raw }: NativeX509, bytes: string): boolean {
  return Array.from(raw, (byte) => String.fromCharCode(byte)).join("")
    .includes(bytes);
}
