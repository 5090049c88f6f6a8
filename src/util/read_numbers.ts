/** Reads 16 bits at `at`, big-endian by default. */
export function get16(
  bytes: Uint8Array,
  at: number,
  littleEndian = false,
): number {
  return littleEndian
    ? bytes[at] | bytes[at + 1] << 8
    : bytes[at] << 8 | bytes[at + 1];
}

/** Reads 24 bits, likewise. */
export function get24(
  bytes: Uint8Array,
  at: number,
  littleEndian = false,
): number {
  return littleEndian
    ? bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16
    : bytes[at] << 16 | bytes[at + 1] << 8 | bytes[at + 2];
}

/** Reads 32 bits, likewise. */
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
