import type { Address } from "../../contract/address.ts";

/** True if a listener at `one` and another at `other` would get the same connections: the path is the same, or the port, and a host, or all hosts. */
export function overlap(one: Address, other: Address): boolean {
  if (one.transport === "unix") {
    return other.transport === "unix" && one.path === other.path;
  }
  if (other.transport === "unix") return false;
  const a = inIPv4(one.hostname);
  const b = inIPv4(other.hostname);
  return one.port !== 0 && one.port === other.port &&
    (a === b || isOneOf(b, a) || isOneOf(a, b));
}

/** `hostname` as an IPv4 address if it is one that is written as one of IPv6. */
function inIPv4(hostname: string): string {
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return hostname;
  return [high, low].flatMap((half) => {
    const bits = parseInt(half, 16);
    return [bits >> 8, bits & 0xff];
  }).join(".");
}

/** True if `hosts` stands for all hosts that `hostname` is one of. What is a name may be one of both kinds. */
function isOneOf(hostname: string, hosts: string): boolean {
  return hosts === "::" ||
    (hosts === "0.0.0.0" && !hostname.includes(":"));
}
