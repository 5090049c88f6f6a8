import { plainName } from "../../adapters/tls/client_hello.ts";
import type { NativeX509 } from "../../adapters/tls/node_tls_types.ts";
import type { TlsCertificate } from "../../contract/tls_info.ts";
import { ipBytes } from "../../util/ip_addresses.ts";

/** True if `certificate` is for `name`: a host name, or a literal address. */
export function isFor(
  { subjectAltName = "" }: NativeX509,
  name: string,
): boolean {
  const address = ipBytes(name)?.join(".");
  const wanted = plainName(name);
  return subjectAltName.split(", ").some((entry) => {
    const [, kind, value] = /^([^:]*):(.*)$/.exec(entry) ?? [];
    if (kind === "IP Address") {
      return address !== undefined && ipBytes(value)?.join(".") === address;
    }
    return kind === "DNS" && address === undefined &&
      matches(value.toLowerCase(), wanted);
  });
}

/** True if `name` matches `pattern`, which may begin with `*.` in place of one label. */
function matches(pattern: string, name: string): boolean {
  if (!pattern.startsWith("*.")) return pattern === name;
  const dot = name.indexOf(".");
  return dot > 0 && name.slice(dot) === pattern.slice(1);
}

/** The public description of `certificate`. */
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
