import type {
  TlsCertificate,
  TlsInfo,
  TlsVersion,
} from "../../contract/tls_info.ts";
import { plainName } from "./client_hello.ts";
import type { NativeCertificate, NativeTlsSocket } from "./node_tls_types.ts";
import { isLiteral } from "../../util/literal_hosts.ts";

/**
 * The outcome of the handshake of `native`. A client passes the `serverName`
 * that it requested; a server leaves it undefined.
 */
export function tlsInfo(
  native: NativeTlsSocket,
  serverName: string | undefined,
): TlsInfo {
  const { name = "", standardName = name } = native.getCipher() ?? {};
  const certificate = certificateOf(native.getPeerCertificate());
  return {
    version: native.getProtocol() as TlsVersion,
    cipher: standardName,
    alpn: native.alpnProtocol || undefined,
    serverName: serverName ?? requestedName(native.servername),
    peerCertificate: certificate,
    isAuthorized: native.authorized && certificate !== undefined,
  };
}

/**
 * The requested server name (SNI), normalized for comparison; undefined if
 * there is none, or it is a literal address.
 */
export function requestedName(
  name: string | false | null | undefined,
): string | undefined {
  return !name || isLiteral(name) ? undefined : plainName(name);
}

/** Converts a certificate of the runtime; undefined if there is none. */
export function certificateOf(
  native: NativeCertificate | null | undefined,
): TlsCertificate | undefined {
  const raw = native?.raw;
  if (!native || !raw) return undefined;
  return {
    subject: joinedNames(native.subject?.CN),
    issuer: joinedNames(native.issuer?.CN),
    subjectAltName: native.subjectaltname ?? "",
    serialNumber: native.serialNumber ?? "",
    fingerprint256: native.fingerprint256 ?? "",
    validFrom: native.valid_from ?? "",
    validTo: native.valid_to ?? "",
    raw: new Uint8Array(raw),
  };
}

function joinedNames(name: string | readonly string[] | undefined): string {
  return typeof name === "string" ? name : name?.join(", ") ?? "";
}
