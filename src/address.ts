import type { Address } from "./adapters/adapter.ts";
import { InvalidAddressError } from "./errors.ts";
import { textOf } from "./util/text.ts";

/**
 * An address as users write it: `"host:port"`, `"[ipv6]:port"`, or an
 * {@linkcode Address}. The host is a name or a literal IP address.
 */
export type AddressLike = string | Address;

const BRACKETED = /^\[([^\]]+)\]:(\d{1,5})$/;
const PLAIN = /^([^:[\]\s]+):(\d{1,5})$/;

/** What no host name has. */
const FORBIDDEN = /[\s\p{Cc}[\]]/u;

/** Reads `address`. Throws {@linkcode InvalidAddressError} if it is not one. */
export function parseAddress(address: AddressLike): Address {
  if (typeof address === "string") {
    const match = BRACKETED.exec(address) ?? PLAIN.exec(address);
    if (match !== null) return checked(match[1], Number(match[2]), address);
  } else {
    const { hostname, port } = parts(address);
    if (typeof hostname === "string") return checked(hostname, port, address);
  }
  throw invalid(address);
}

/** Writes `address` as `host:port`, IPv6 in brackets. */
export function formatAddress({ hostname, port }: Address): string {
  return hostname.includes(":")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
}

/** Shows in a message what was given as an address, whatever it is. */
export function showAddress(address: unknown): string {
  try {
    return JSON.stringify(address, bigintAsText) ?? textOf(address);
  } catch {
    return textOf(address);
  }
}

/** Reads each once: they may have getters. */
function parts(address: Partial<Address>): Partial<Address> {
  try {
    const { hostname, port } = address;
    return { hostname, port };
  } catch (cause) {
    throw invalid(address, cause);
  }
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

function checked(
  hostname: string,
  port: number | undefined,
  address: AddressLike,
): Address {
  if (
    hostname === "" || FORBIDDEN.test(hostname) || port === undefined ||
    !Number.isInteger(port) || port < 0 || port > 65535
  ) {
    throw invalid(address);
  }
  return { hostname, port };
}

function invalid(address: unknown, cause?: unknown): InvalidAddressError {
  return new InvalidAddressError(
    `Cannot read the address ${
      showAddress(address)
    }: write "host:port" or "[ipv6]:port" with a port of 0 to 65535`,
    cause === undefined ? undefined : { cause },
  );
}
