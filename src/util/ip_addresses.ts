// IP addresses as bytes, 4 or 16, and as text.

const IPV4_SIZE = 4;
export const IPV6_SIZE = 16;

const DECIMAL = /^(?:0|[1-9]\d{0,2})$/;
const HEXADECIMAL = /^[\da-f]{1,4}$/i;

/** The prefix of an IPv4 address mapped to IPv6. */
export const MAPPED_PREFIX: readonly number[] = [
  ...Array<number>(10).fill(0),
  0xff,
  0xff,
];

/** The bytes of the literal address `text`, without a zone; undefined if it is not one. */
export function ipBytes(text: string): number[] | undefined {
  return text.includes(":") ? ipv6Bytes(text) : ipv4Bytes(text);
}

/** `bytes`, 4 or 16, with an IPv4-mapped address reduced to its 4. */
export function unmappedBytes(bytes: number[]): number[] {
  const isMapped = bytes.length === IPV6_SIZE &&
    MAPPED_PREFIX.every((byte, i) => bytes[i] === byte);
  return isMapped ? bytes.slice(MAPPED_PREFIX.length) : bytes;
}

/** The address of `bytes`, 4 or 16, in its shortest form (RFC 5952); an IPv4-mapped one ends in dotted decimal. */
export function ipText(bytes: ArrayLike<number>): string {
  const all = Array.from(bytes);
  if (all.length === IPV4_SIZE) return all.join(".");
  const plain = unmappedBytes(all);
  if (plain.length === IPV4_SIZE) return `::ffff:${plain.join(".")}`;
  const groups = groupsOf(all);
  const [start, end] = longestZeros(groups);
  const part = (from: number, to?: number) =>
    groups.slice(from, to).map((group) => group.toString(16)).join(":");
  return end - start < 2 ? part(0) : `${part(0, start)}::${part(end)}`;
}

/** The 16-bit groups of an IPv6 address. */
export function groupsOf(bytes: readonly number[]): number[] {
  return Array.from(
    { length: bytes.length / 2 },
    (_, i) => bytes[2 * i] << 8 | bytes[2 * i + 1],
  );
}

function ipv4Bytes(text: string): number[] | undefined {
  const parts = text.split(".");
  const isAddress = parts.length === IPV4_SIZE &&
    parts.every((part) => DECIMAL.test(part) && Number(part) <= 0xff);
  return isAddress ? parts.map(Number) : undefined;
}

function ipv6Bytes(text: string): number[] | undefined {
  const [before, after, more] = text.split("::");
  if (more !== undefined) return undefined;
  const isShort = after !== undefined;
  const head = bytesOfGroups(before, !isShort);
  const tail = bytesOfGroups(after ?? "", true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = IPV6_SIZE - head.length - tail.length;
  if (isShort ? missing < 2 : missing !== 0) return undefined;
  return [...head, ...Array<number>(missing).fill(0), ...tail];
}

/** The bytes of groups separated by colons; the last may be an IPv4 address if nothing follows. */
function bytesOfGroups(text: string, isEnd: boolean): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [i, group] of groups.entries()) {
    if (HEXADECIMAL.test(group)) {
      const bits = parseInt(group, 16);
      bytes.push(bits >> 8, bits & 0xff);
      continue;
    }
    const ipv4 = isEnd && i === groups.length - 1
      ? ipv4Bytes(group)
      : undefined;
    if (ipv4 === undefined) return undefined;
    bytes.push(...ipv4);
  }
  return bytes;
}

/** The start and end of the longest run of zero groups, the first if there are several. */
function longestZeros(groups: readonly number[]): [start: number, end: number] {
  let longest: [number, number] = [0, 0];
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > longest[1] - longest[0]) longest = [start, end];
  }
  return longest;
}
