/** A number of 8 bytes at most, before it is copied to where it goes: no view of that has to be made. */
export const wide: DataView = new DataView(new ArrayBuffer(8));

/** Puts the low 16 bits of `bits` at `at`, big-endian unless said otherwise. */
export function put16(
  bytes: Uint8Array,
  at: number,
  bits: number,
  littleEndian = false,
): void {
  bytes[at] = littleEndian ? bits : bits >>> 8;
  bytes[at + 1] = littleEndian ? bits >>> 8 : bits;
}

/** The same with the low 24 bits. */
export function put24(
  bytes: Uint8Array,
  at: number,
  bits: number,
  littleEndian = false,
): void {
  bytes[at] = littleEndian ? bits : bits >>> 16;
  bytes[at + 1] = bits >>> 8;
  bytes[at + 2] = littleEndian ? bits >>> 16 : bits;
}

/** The same with all 32 bits. */
export function put32(
  bytes: Uint8Array,
  at: number,
  bits: number,
  littleEndian = false,
): void {
  if (littleEndian) {
    bytes[at] = bits;
    bytes[at + 1] = bits >>> 8;
    bytes[at + 2] = bits >>> 16;
    bytes[at + 3] = bits >>> 24;
  } else {
    bytes[at] = bits >>> 24;
    bytes[at + 1] = bits >>> 16;
    bytes[at + 2] = bits >>> 8;
    bytes[at + 3] = bits;
  }
}
