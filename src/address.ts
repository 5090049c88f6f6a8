import type { Address } from "./adapters/adapter.ts";
import { InvalidAddressError } from "./errors.ts";

/**
 * An address as users write it: `"host:port"`, `"[ipv6]:port"`, or an
 * {@linkcode Address}. The host is a name or a literal IP address.
 */
export type AddressLike = string | Address;

const BRACKETED = /^\[([^\]]+)\]:(\d{1,5})$/;
const PLAIN = /^([^:[\]\s]+):(\d{1,5})$/;

/** Reads `address`. Throws {@linkcode InvalidAddressError} if it is not one. */
export function parseAddress(address: AddressLike): Address {
  if (typeof address === "string") {
    const match = BRACKETED.exec(address) ?? PLAIN.exec(address);
    if (match !== null) return checked(match[1], Number(match[2]), address);
  } else if (typeof address?.hostname === "string") {
    return checked(address.hostname, address.port, address);
  }
  throw invalid(address);
}

/** Writes `address` as `host:port`, IPv6 in brackets. */
export function formatAddress({ hostname, port }: Address): string {
  return hostname.includes(":")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
}

function checked(
  hostname: string,
  port: number,
  address: AddressLike,
): Address {
  if (hostname === "" || !Number.isInteger(port) || port < 0 || port > 65535) {
    throw invalid(address);
  }
  return { hostname, port };
}

function invalid(address: unknown): InvalidAddressError {
  const shown = typeof address === "string"
    ? `"${address}"`
    : JSON.stringify(address);
  return new InvalidAddressError(
    `Cannot read the address ${shown}: write "host:port" or "[ipv6]:port" with a port of 0 to 65535`,
  );
}
