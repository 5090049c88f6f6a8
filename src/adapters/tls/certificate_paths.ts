/**
 * Validates certificate chains where the runtime does not.
 *
 * @module
 */

import type { TlsFailureReason, TlsMaterial } from "../../contract/tls.ts";
import { loadTls, type NativeX509 } from "./node_tls_types.ts";

const BLOCK =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^]*?-----END [^-]*-----/g;
const BEGIN = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/g;
const DECODER = new TextDecoder();

/**
 * Parses the certificates in `material`, at least one. Throws if one of them is
 * malformed or incomplete.
 */
export function certificatesIn(material: TlsMaterial): NativeX509[] {
  const text = typeof material === "string"
    ? material
    : DECODER.decode(material);
  const found = Array.from(text.matchAll(BLOCK), ([block]) => parsed(block));
  if (found.length > 0 && found.length === text.match(BEGIN)?.length) {
    return found;
  }
  throw new Error("a certificate is incomplete");
}

/** Parses certificates from DER. Throws if one of them is malformed. */
export function certificatesOf(chain: readonly Uint8Array[]): NativeX509[] {
  return chain.map(parsed);
}

function parsed(material: TlsMaterial): NativeX509 {
  return new (loadTls().keys.X509Certificate)(material);
}

/** The trusted authorities, and the time of the check. */
export interface Trust {
  readonly authorities: readonly NativeX509[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * What is wrong with the first certificate of `chain`, given the intermediates
 * behind it; undefined if it is valid.
 */
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

/**
 * The path from the first certificate of `chain` to an authority; undefined if
 * there is none.
 */
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
