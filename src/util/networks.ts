// IP addresses as runtimes report them: IPv6 with or without a zone, IPv4-mapped
// ones in dotted decimal or in hexadecimal.

import {
  groupsOf,
  ipBytes,
  ipText,
  MAPPED_PREFIX,
  unmappedBytes,
} from "./ip_addresses.ts";

/** How many of the eight groups of an IPv6 address identify its network. */
const NETWORK_GROUPS = 4;

/** `hostname` as an IPv4 address if it is an IPv4-mapped IPv6 one. */
export function unmapped(hostname: string): string {
  if (!hostname.includes(":")) return hostname;
  const bytes = hostBytes(hostname);
  return bytes?.length === 4 ? ipText(bytes) : hostname;
}

/** Identifies the owner of `hostname`, as far as possible: an IPv4 address itself; for IPv6 its network, a /64, since its owner has all of that. */
export function networkOf(hostname: string): string {
  const bytes = hostBytes(hostname);
  if (bytes === undefined) return hostname;
  if (bytes.length === 4) return ipText(bytes);
  return groupsOf(bytes).slice(0, NETWORK_GROUPS)
    .map((group) => group.toString(16)).join(":") + "::/64";
}

/** The bytes of `hostname` if it is a literal address: 4 for IPv4-mapped addresses, too. */
export function hostBytes(hostname: string): number[] | undefined {
  const bytes = ipBytes(hostname.replace(/%.*$/s, ""));
  return bytes && unmappedBytes(bytes);
}

/** The addresses that share a prefix. */
export interface Network {
  readonly bytes: readonly number[];
  /** The length of the prefix, in bits. */
  readonly prefixSize: number;
}

const NETWORK = /^([^/%]+?)(?:\/(0|[1-9]\d{0,2}))?$/;

/** The network that `text` names, an address with or without the size of a prefix, as in `10.0.0.0/8`; undefined if it is not one. */
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

/** True if the address `bytes`, from {@linkcode hostBytes}, is in `network`. */
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
