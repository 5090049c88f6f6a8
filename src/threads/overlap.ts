import type { Address } from "../adapters/adapter.ts";

/** True if a listener at `one` and another at `other` would get the same connections: the port is the same, and a host, or all hosts. */
export function overlap(one: Address, other: Address): boolean {
  return one.port !== 0 && one.port === other.port &&
    (one.hostname === other.hostname ||
      isOneOf(other.hostname, one.hostname) ||
      isOneOf(one.hostname, other.hostname));
}

/** True if `hosts` stands for all hosts that `hostname` is one of. What is a name may be one of both kinds. */
function isOneOf(hostname: string, hosts: string): boolean {
  return hosts === "::" ||
    (hosts === "0.0.0.0" && !hostname.includes(":"));
}
