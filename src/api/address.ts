import type { Address } from "../contract/address.ts";
import { InvalidAddressError } from "./errors.ts";
import { forget } from "../util/forget.ts";
import { cut, messageOf, read, textOf } from "../util/text.ts";

/**
 * An address as users write it: `"host:port"`, `"[ipv6]:port"`, or an
 * {@linkcode Address}. The host is a literal IP address or a name, which may be
 * an internationalised one. What ends in a number is an IPv4 address.
 */
export type AddressLike = string | Address;

const BRACKETED = /^\[([^\]:]*:[^\]]*)\]:(\d{1,5})$/;
const PLAIN = /^([^:[\]\s]+):(\d{1,5})$/;

/** As many characters of an address does a message show: none that can be one is longer. */
const MAX_SHOWN = 260;

/** The labels of a host name, in ASCII, with a dot at the end or not. */
const NAME = /^(?:[\w-]{1,63}\.)*[\w-]{1,63}\.?$/;

/** So long is a name at most, without the dot at its end. */
const LONGEST_NAME = 253;

/** What ends in a number is an IPv4 address, and no name. */
const NUMERIC = /(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/i;

/** What may be a name in other letters: of ASCII it has what names have, and nothing that parts a URL. */
const INTERNATIONAL = /^(?:[\w.-]|[^\0-\x7f])+$/;

/** An IPv6 address, perhaps, and its zone, which is a matter of the system. */
const IPV6 = /^([\da-f:.]+)(%[^\s\p{Cc}[\]%]+)?$/iu;

/**
 * Reads `address`, each of its properties once: what it is later does not matter.
 * Throws {@linkcode InvalidAddressError} if it is none.
 */
export function parseAddress(address: AddressLike): Address {
  const copy = copyOf(address);
  if (typeof copy === "string") {
    const match = BRACKETED.exec(copy) ?? PLAIN.exec(copy);
    if (match !== null) return checked(match[1], Number(match[2]), copy);
  } else if (typeof copy === "object" && typeof copy?.hostname === "string") {
    return checked(copy.hostname, copy.port, copy);
  }
  forget(address);
  throw invalid(copy);
}

/** Writes `address` as `host:port`, IPv6 in brackets. */
export function formatAddress({ hostname, port }: Address): string {
  return hostname.includes(":")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
}

/** Shows in a message what was given as an address, whatever it is. Only host and port: what else it has may be secret. */
export function showAddress(address: unknown): string {
  if (typeof address === "string") {
    return JSON.stringify(cut(address, MAX_SHOWN));
  }
  if (typeof address !== "object" || address === null) return textOf(address);
  return JSON.stringify({
    hostname: shown(read(address, "hostname")),
    port: shown(read(address, "port")),
  });
}

function shown(value: unknown): unknown {
  const isPlain = value === undefined || typeof value === "number";
  return isPlain ? value : textOf(value, MAX_SHOWN);
}

/** `address` without what is none of it. */
function copyOf(address: AddressLike): AddressLike {
  if (typeof address !== "object" || address === null) return address;
  try {
    const { hostname, port } = address;
    return { hostname, port };
  } catch (cause) {
    throw new InvalidAddressError(
      `Cannot read the address: ${messageOf(cause)}`,
      { cause },
    );
  }
}

function checked(
  host: string,
  port: number,
  address: AddressLike,
): Address {
  const hostname = canonical(host);
  if (
    hostname === undefined || !Number.isInteger(port) || port < 0 ||
    port > 65535
  ) {
    throw invalid(address);
  }
  return { hostname, port };
}

/** `host` in the one form that every resolver understands; undefined if none can. */
function canonical(host: string): string | undefined {
  const [, ipv6 = "", zone = ""] = IPV6.exec(host) ?? [];
  if (ipv6.includes(":")) {
    const shortest = urlHost(`[${ipv6}]`)?.slice(1, -1);
    return shortest === undefined ? undefined : shortest + zone;
  }
  const isAscii = NAME.test(host);
  if (!isAscii && !INTERNATIONAL.test(host)) return undefined;
  const isPlain = isAscii && !NUMERIC.test(host);
  const name = isPlain ? host : urlHost(host) ?? "";
  const { length } = name.endsWith(".") ? name.slice(0, -1) : name;
  return NAME.test(name) && length <= LONGEST_NAME ? name : undefined;
}

/** What a URL makes of `host`: names get their ASCII form, IPv4 addresses four numbers. */
function urlHost(host: string): string | undefined {
  try {
    return new URL(`http://${host}`).hostname;
  } catch {
    return undefined;
  }
}

function invalid(address: unknown): InvalidAddressError {
  return new InvalidAddressError(
    `Cannot read the address ${
      showAddress(address)
    }: write "host:port" or "[ipv6]:port" with a port of 0 to 65535`,
  );
}
