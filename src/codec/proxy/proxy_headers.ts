/**
 * PROXY headers for users who read and write them on their own.
 *
 * Nothing that is loaded on demand imports this file: what it imports, bundlers
 * may have every program load that has the library.
 *
 * @module
 */

import {
  type ProxyHeaderOptions,
  proxyHeaderSettings,
} from "../../api/options/proxy.ts";
import { headerOf } from "./proxy_encoder.ts";
import {
  type DecodedProxyHeader,
  decodeHeader,
  MAX_PROXY_HEADER,
} from "./proxy_header.ts";

export { PROXY_TLV } from "./proxy_tlv_types.ts";
export type { DecodedProxyHeader };

/**
 * Reads the PROXY header, version 1 or 2, that `bytes` begin with. A listener with
 * the option `proxyProtocol` does that by itself.
 *
 * @param bytes What has come in so far; nothing of it is kept.
 * @param maxBytes The most bytes that it may have, 16 to 65551, which is the default.
 * @returns What it says, and its size; undefined if it is not whole yet.
 * @throws {ProxyHeaderMissingError} If they begin otherwise, be it by one byte.
 * @throws {ProxyHeaderError} If it breaks the specification, if its checksum is
 * wrong, or if it has more than `maxBytes`.
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
  return decodeHeader(bytes, maxBytes);
}

/**
 * Writes a PROXY header, for programs that pass connections on. A connect with the option
 * `proxyProtocol` does that by itself.
 *
 * @param options What it says.
 * @returns Its bytes: 107 at most of version 1, 65,551 of version 2.
 * @throws {InvalidOptionError} If an option is none that a header can have.
 * @throws {InvalidAddressError} If an address is no literal one, or if one is of
 * TCP and the other of a Unix socket.
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
  return headerOf(proxyHeaderSettings(options));
}
