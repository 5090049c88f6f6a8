import type { ProxyHeader, ProxyTls, ProxyTlv } from "../../contract/proxy.ts";
import { ProxyHeaderError } from "../../api/errors.ts";
import { crc32c } from "../../util/crc32c.ts";
import { get16, get32 } from "../../util/read_numbers.ts";
import {
  CHECKSUM_SIZE,
  MAX_UNIQUE_ID,
  TlsBit,
  TlsField,
  TLV_HEAD,
} from "./proxy_format.ts";
import { PROXY_TLV } from "./proxy_tlv_types.ts";
import { countOf } from "../../util/text.ts";

/**
 * Size in bytes of what precedes the fields inside the TLS field: the bits, and
 * the result of the verification.
 */
const TLS_HEAD = 5;

/** Parses fields; their values are views of `bytes`. Throws {@linkcode ProxyHeaderError}. */
export function parseTlvs(bytes: Uint8Array): ProxyTlv[] {
  const tlvs: ProxyTlv[] = [];
  for (let at = 0; at < bytes.length;) {
    const valueAt = at + TLV_HEAD;
    const end = valueAt + (valueAt > bytes.length ? 0 : get16(bytes, at + 1));
    if (end > bytes.length) {
      throw new ProxyHeaderError(
        `Its field of type ${bytes[at]} goes beyond its end`,
      );
    }
    tlvs.push({ type: bytes[at], value: bytes.subarray(valueAt, end) });
    at = end;
  }
  return tlvs;
}

/** Throws {@linkcode ProxyHeaderError} if the header `bytes` has a wrong checksum. */
export function checkChecksum(
  bytes: Uint8Array,
  tlvs: readonly ProxyTlv[],
): void {
  const value = valueOf(tlvs, PROXY_TLV.checksum);
  if (value === undefined) return;
  if (value.length !== CHECKSUM_SIZE) {
    throw new ProxyHeaderError(
      `Its checksum has ${countOf(value.length, "byte")}, not ${CHECKSUM_SIZE}`,
    );
  }
  const unchecked = bytes.slice();
  const at = value.byteOffset - bytes.byteOffset;
  unchecked.fill(0, at, at + CHECKSUM_SIZE);
  if (crc32c(unchecked) === get32(value, 0)) return;
  throw new ProxyHeaderError("Its checksum is wrong");
}

/** The fields of `tlvs` that the specification defines. Throws {@linkcode ProxyHeaderError}. */
export function knownFields(tlvs: readonly ProxyTlv[]): Partial<ProxyHeader> {
  const alpn = textIn(tlvs, PROXY_TLV.alpn);
  const authority = textIn(tlvs, PROXY_TLV.authority);
  const uniqueId = valueOf(tlvs, PROXY_TLV.uniqueId);
  const netns = textIn(tlvs, PROXY_TLV.netns);
  const tls = valueOf(tlvs, PROXY_TLV.tls);
  if (uniqueId !== undefined && uniqueId.length > MAX_UNIQUE_ID) {
    throw new ProxyHeaderError(
      `Its unique id has ${uniqueId.length} bytes, more than ${MAX_UNIQUE_ID}`,
    );
  }
  return {
    ...(alpn !== undefined && { alpn }),
    ...(authority !== undefined && { authority }),
    ...(uniqueId !== undefined && { uniqueId }),
    ...(tls !== undefined && { tls: parseTls(tls) }),
    ...(netns !== undefined && { netns }),
  };
}

function parseTls(value: Uint8Array): ProxyTls {
  if (value.length < TLS_HEAD) {
    throw new ProxyHeaderError(
      `Its TLS field has ${
        countOf(value.length, "byte")
      }, fewer than ${TLS_HEAD}`,
    );
  }
  const tlvs = parseTlvs(value.subarray(TLS_HEAD));
  const has = (bit: number) => (value[0] & bit) !== 0;
  const text = (type: number) => textIn(tlvs, type) ?? "";
  const sentCertificate = has(TlsBit.SentCertificate);
  const sentCertificateInSession = has(TlsBit.SentCertificateInSession);
  return {
    usesTls: has(TlsBit.UsesTls),
    // Proxies also report success for clients that sent no certificate.
    isVerified: get32(value, 1) === 0 &&
      (sentCertificate || sentCertificateInSession),
    sentCertificate,
    sentCertificateInSession,
    version: text(TlsField.Version),
    commonName: text(TlsField.CommonName),
    cipher: text(TlsField.Cipher),
    signatureAlgorithm: text(TlsField.SignatureAlgorithm),
    keyAlgorithm: text(TlsField.KeyAlgorithm),
    tlvs,
  };
}

/** The value of the first field of `type`. */
function valueOf(
  tlvs: readonly ProxyTlv[],
  type: number,
): Uint8Array | undefined {
  return tlvs.find((tlv) => tlv.type === type)?.value;
}

function textIn(tlvs: readonly ProxyTlv[], type: number): string | undefined {
  const value = valueOf(tlvs, type);
  return value && new TextDecoder().decode(value);
}
