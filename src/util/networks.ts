// IP addresses as hosts tell them: IPv6 with or without a zone, IPv4 in it as
// numbers or in hexadecimal digits.

/** Of the eight groups of an IPv6 address so many are those of its network. */
const NETWORK_GROUPS = 4;

/** `hostname` as an IPv4 address if it is one that is written as one of IPv6. */
export function unmapped(hostname: string): string {
  if (!hostname.includes(":")) return hostname;
  const groups = groupsOf(withoutZone(hostname));
  const [high, low] = groups.slice(6);
  const isMapped = groups[5] === 0xffff &&
    groups.slice(0, 5).every((group) => group === 0);
  return isMapped
    ? [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".")
    : hostname;
}

/** Whose `hostname` is, as far as that can be told: an IPv4 address is itself, one of IPv6 is one of the many of its network, a /64. */
export function networkOf(hostname: string): string {
  const host = unmapped(hostname);
  if (!host.includes(":")) return host;
  return groupsOf(withoutZone(host)).slice(0, NETWORK_GROUPS)
    .map((group) => group.toString(16)).join(":") + "::/64";
}

function withoutZone(hostname: string): string {
  return hostname.replace(/%.*$/s, "");
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const hexadecimal = address.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_, ...bytes: string[]) => {
      const [a, b, c, d] = bytes.map(Number);
      return `${(a << 8 | b).toString(16)}:${(c << 8 | d).toString(16)}`;
    },
  );
  const [head = "", tail = ""] = hexadecimal.split("::");
  const [first, last] = [head, tail].map((part) =>
    part === "" ? [] : part.split(":").map((group) => parseInt(group, 16))
  );
  const missing = Math.max(0, 8 - first.length - last.length);
  return [...first, ...Array<number>(missing).fill(0), ...last];
}
