/**
 * PROXY headers for users who decode and encode them themselves.
 *
 * Nothing that is loaded on demand may import this file: bundlers might otherwise
 * make every program load what it imports.
 *
 * @module
 */

import { asBytes } from "../../api/bytes.ts";
import {
  PROXY_PROTOCOL_OPTIONS,
  type ProxyHeaderOptions,
  proxyHeaderSettings,
} from "../../api/options/proxy.ts";
import { checkOption } from "../../api/options/rules.ts";
import { encodeHeader } from "./proxy_encoder.ts";
import {
  type DecodedProxyHeader,
  decodeHeader,
  MAX_PROXY_HEADER,
} from "./proxy_header.ts";

export { PROXY_TLV } from "./proxy_tlv_types.ts";
export type { DecodedProxyHeader };

/**
 * Decodes the PROXY header, version 1 or 2, at the start of `bytes`. A listener with
 * the option `proxyProtocol` does this by itself.
 *
 * @param bytes What has been received so far. It is not kept.
 * @param maxBytes The most bytes the header may have, 16 to 65551; default 65551.
 * @returns The header and its size; undefined if it is not complete yet.
 * @throws {InvalidSliceError} If `bytes` is not a view of bytes.
 * @throws {ProxyHeaderMissingError} As soon as one byte differs from the start of a
 * header.
 * @throws {ProxyHeaderError} If the header violates the specification, has a wrong
 * checksum, or is larger than `maxBytes`.
 * @throws {InvalidOptionError} If `maxBytes` is not in its range.
 *
 * @example
 * ```ts
 * import { decodeProxyHeader } from "@reactio/reactio";
 *
 * const text = "PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\nGET / HTTP/1.1\r\n";
 * const decoded = decodeProxyHeader(new TextEncoder().encode(text));
 * console.log(decoded?.header.source, decoded?.size);
 * ```
 *
 * @category Codecs
 */
export function decodeProxyHeader(
  bytes: Uint8Array,
  maxBytes: number = MAX_PROXY_HEADER,
): DecodedProxyHeader | undefined {
  checkOption("maxBytes", maxBytes, PROXY_PROTOCOL_OPTIONS.rules.maxBytes);
  return decodeHeader(asBytes(bytes, "decode"), maxBytes);
}

/**
 * Encodes a PROXY header, for programs that forward connections. A connect with the
 * option `proxyProtocol` does this by itself.
 *
 * @param options The contents of the header.
 * @returns The header: at most 107 bytes for version 1, 65,551 for version 2.
 * @throws {InvalidOptionError} If a header cannot have these contents.
 * @throws {InvalidAddressError} If an address is not a literal one, or if one is a
 * TCP address and the other a Unix socket's.
 *
 * @example
 * ```ts
 * import { encodeProxyHeader } from "@reactio/reactio";
 *
 * const header = encodeProxyHeader({
 *   version: 1,
 *   source: "203.0.113.7:56324",
 *   destination: "192.0.2.1:443",
 * });
 * console.log(new TextDecoder().decode(header));
 * ```
 *
 * @category Codecs
 */
export function encodeProxyHeader(options: ProxyHeaderOptions): Uint8Array {
  return encodeHeader(proxyHeaderSettings(options));
}
