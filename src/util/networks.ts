// IP addresses as hosts tell them: IPv6 with or without a zone, IPv4 in it as
// numbers or in hexadecimal digits.

import {
  groupsOf,
  ipBytes,
  ipText,
  MAPPED_PREFIX,
  unmappedBytes,
} from "./ip_addresses.ts";

/** Of the eight groups of an IPv6 address so many are those of its network. */
const NETWORK_GROUPS = 4;

/** `hostname` as an IPv4 address if it is one that is written as one of IPv6. */
export function unmapped(hostname: string): string {
  if (!hostname.includes(":")) return hostname;
  const bytes = hostBytes(hostname);
  return bytes?.length === 4 ? ipText(bytes) : hostname;
}

/** Whose `hostname` is, as far as that can be told: an IPv4 address is itself, one of IPv6 is one of the many of its network, a /64. */
export function networkOf(hostname: string): string {
  const bytes = hostBytes(hostname);
  if (bytes === undefined) return hostname;
  if (bytes.length === 4) return ipText(bytes);
  return groupsOf(bytes).slice(0, NETWORK_GROUPS)
    .map((group) => group.toString(16)).join(":") + "::/64";
}

/** The bytes of `hostname` if it is a literal address: 4 also of an IPv4 address that is written as one of IPv6. */
export function hostBytes(hostname: string): number[] | undefined {
  const bytes = ipBytes(hostname.replace(/%.*$/s, ""));
  return bytes && unmappedBytes(bytes);
}

/** The addresses that begin alike. */
export interface Network {
  readonly bytes: readonly number[];
  /** How many bits are alike. */
  readonly prefixSize: number;
}

const NETWORK = /^([^/%]+?)(?:\/(0|[1-9]\d{0,2}))?$/;

/** The network that `text` names, an address with or without the size of a prefix, as in `10.0.0.0/8`; undefined if it is none. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = "", size] = NETWORK.exec(text) ?? [];
  const bytes = ipBytes(address);
  if (bytes === undefined) return undefined;
  const prefixSize = size === undefined ? 8 * bytes.length : Number(size);
  if (prefixSize > 8 * bytes.length) return undefined;
  const plain = unmappedBytes(bytes);
  if (plain === bytes) return { bytes, prefixSize };
  const rest = prefixSize - 8 * MAPPED_PREFIX.length;
  return rest < 0 ? { bytes, prefixSize } : { bytes: plain, prefixSize: rest };
}

/** True if the address of `bytes`, which come from {@linkcode hostBytes}, is of `network`. */
export function isOfNetwork(
  bytes: readonly number[],
  network: Network,
): boolean {
  if (bytes.length !== network.bytes.length) return false;
  const { prefixSize } = network;
  return bytes.every((byte, i) => {
    const count = Math.min(8, Math.max(0, prefixSize - 8 * i));
    return (byte ^ network.bytes[i]) >> (8 - count) === 0;
  });
}
