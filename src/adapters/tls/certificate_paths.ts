/**
 * Certificates that lead to an authority, where no runtime has looked.
 *
 * @module
 */

import type { TlsFailureReason, TlsMaterial } from "../../contract/tls.ts";
import { loadTls, type NativeX509 } from "./node_tls_types.ts";

const BLOCK =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^]*?-----END [^-]*-----/g;
const BEGIN = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/g;
const DECODER = new TextDecoder();

/** The certificates in `material`, one at least. Throws if one of them is none, or is not whole. */
export function certificatesIn(material: TlsMaterial): NativeX509[] {
  const text = typeof material === "string"
    ? material
    : DECODER.decode(material);
  const found = Array.from(text.matchAll(BLOCK), ([block]) => parsed(block));
  if (found.length > 0 && found.length === text.match(BEGIN)?.length) {
    return found;
  }
  throw new Error("a certificate is not whole");
}

/** The certificates whose DER is in `chain`. Throws if one of them is none. */
export function certificatesOf(chain: readonly Uint8Array[]): NativeX509[] {
  return chain.map(parsed);
}

function parsed(material: TlsMaterial): NativeX509 {
  return new (loadTls().keys.X509Certificate)(material);
}

/** What is trusted, and when it is. */
export interface Trust {
  readonly authorities: readonly NativeX509[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What is wrong with the first of `chain`, which the others are to lead to an authority; undefined if nothing is. */
export function faultOf(
  chain: readonly NativeX509[],
  { authorities, now }: Trust,
): TlsFailureReason | undefined {
  const path = pathOf(chain, authorities);
  if (path === undefined) return "untrusted";
  for (const { validFrom, validTo } of path) {
    if (now < Date.parse(validFrom)) return "not-yet-valid";
    if (now > Date.parse(validTo)) return "expired";
  }
  return undefined;
}

/** The certificates from the first of `chain` to an authority; undefined if it leads to none. */
function pathOf(
  chain: readonly NativeX509[],
  authorities: readonly NativeX509[],
): NativeX509[] | undefined {
  const [leaf, ...others] = chain;
  const path = [leaf];
  while (path.length <= chain.length) {
    const last = path[path.length - 1];
    const { fingerprint256 } = last;
    if (authorities.some((one) => one.fingerprint256 === fingerprint256)) {
      return path;
    }
    const authority = authorities.find((one) => hasSigned(one, last));
    if (authority !== undefined) return [...path, authority];
    const next = others.find((one) =>
      !path.includes(one) && hasSigned(one, last)
    );
    if (next === undefined) return undefined;
    path.push(next);
  }
  return undefined;
}

function hasSigned(issuer: NativeX509, certificate: NativeX509): boolean {
  return issuer.ca && certificate.checkIssued(issuer) &&
    certificate.verify(issuer.publicKey);
}
