import type { Address } from "../../contract/address.ts";
import { formatAddress } from "../../api/address.ts";
import { unmapped } from "../../util/networks.ts";

/** True if listeners on `one` and `other` would compete for connections: the same path; or the same port, and the same host or all hosts. */
export function overlap(one: Address, other: Address): boolean {
  if (one.transport !== "tcp" || other.transport !== "tcp") {
    return one.transport === other.transport &&
      formatAddress(one) === formatAddress(other);
  }
  const a = unmapped(one.hostname);
  const b = unmapped(other.hostname);
  return one.port !== 0 && one.port === other.port &&
    (a === b || isOneOf(b, a) || isOneOf(a, b));
}

/** True if `hosts` stands for all hosts, including `hostname`. A name may be of either family. */
function isOneOf(hostname: string, hosts: string): boolean {
  return hosts === "::" ||
    (hosts === "0.0.0.0" && !hostname.includes(":"));
}
