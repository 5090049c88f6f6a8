import { loadTls, type NativeX509 } from "../../adapters/tls/node_tls_types.ts";
import type { TlsFailureReason, TlsMaterial } from "../../contract/tls.ts";
import type { TlsCertificate } from "../../contract/tls_info.ts";
import { ipBytes } from "../../util/ip_addresses.ts";

const BLOCK =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^]*?-----END [^-]*-----/g;
const DECODER = new TextDecoder();

/** The certificates in `material`. Throws if one of them is none. */
export function certificatesIn(material: TlsMaterial): NativeX509[] {
  const text = typeof material === "string"
    ? material
    : DECODER.decode(material);
  return Array.from(text.matchAll(BLOCK), ([block]) => parsed(block));
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

/** True if `certificate` is for `name`: a host name, or a literal address. */
export function isFor(
  { subjectAltName = "" }: NativeX509,
  name: string,
): boolean {
  const address = ipBytes(name)?.join(".");
  const wanted = name.toLowerCase();
  return subjectAltName.split(", ").some((entry) => {
    const [, kind, value] = /^([^:]*):(.*)$/.exec(entry) ?? [];
    if (kind === "IP Address") {
      return address !== undefined && ipBytes(value)?.join(".") === address;
    }
    return kind === "DNS" && address === undefined &&
      matches(value.toLowerCase(), wanted);
  });
}

/** True if `name` is `pattern`, or a label more if that begins with `*.`. */
function matches(pattern: string, name: string): boolean {
  if (!pattern.startsWith("*.")) return pattern === name;
  const dot = name.indexOf(".");
  return dot > 0 && name.slice(dot) === pattern.slice(1);
}

/** `certificate` as users are told of it. */
export function shownOf(certificate: NativeX509): TlsCertificate {
  const { subjectAltName = "", fingerprint256, raw } = certificate;
  const { serialNumber: digits } = certificate;
  return {
    subject: commonName(certificate.subject),
    issuer: commonName(certificate.issuer),
    subjectAltName,
    serialNumber: digits.padStart(digits.length + digits.length % 2, "0"),
    fingerprint256,
    validFrom: certificate.validFrom,
    validTo: certificate.validTo,
    raw: new Uint8Array(raw),
  };
}

function commonName(name: string): string {
  return /^CN=(.*)$/m.exec(name)?.[1] ?? "";
}
