/** The 16 bits at `at`, big-endian unless said otherwise. */
export function get16(
  bytes: Uint8Array,
  at: number,
  littleEndian = false,
): number {
  return littleEndian
    ? bytes[at] | bytes[at + 1] << 8
    : bytes[at] << 8 | bytes[at + 1];
}

/** The same with 24 bits. */
export function get24(
  bytes: Uint8Array,
  at: number,
  littleEndian = false,
): number {
  return littleEndian
    ? bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16
    : bytes[at] << 16 | bytes[at + 1] << 8 | bytes[at + 2];
}

/** The same with 32 bits. */
export function get32(
  bytes: Uint8Array,
  at: number,
  littleEndian = false,
): number {
  const bits = littleEndian
    ? bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24
    : bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 |
      bytes[at + 3];
  return bits >>> 0;
}
