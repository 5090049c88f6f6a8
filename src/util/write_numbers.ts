/** Holds a number of up to 8 bytes before it is copied, so that no view of the target is needed. */
export const wide: DataView = new DataView(new ArrayBuffer(8));

/** Copies the first `count` bytes of {@linkcode wide}, 4 or 8, to `at`. */
export function putWide(bytes: Uint8Array, at: number, count: 4 | 8): void {
  putLow32(bytes, at, wide.getUint32(0, true));
  if (count > 4) putLow32(bytes, at + 4, wide.getUint32(4, true));
}

/** Writes the low 16 bits of `bits` at `at`, big-endian by default. */
export function put16(
  bytes: Uint8Array,
  at: number,
  bits: number,
  littleEndian = false,
): void {
  bytes[at] = littleEndian ? bits : bits >>> 8;
  bytes[at + 1] = littleEndian ? bits >>> 8 : bits;
}

/** Writes the low 24 bits, likewise. */
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

/** Writes all 32 bits, likewise. */
export function put32(
  bytes: Uint8Array,
  at: number,
  bits: number,
  littleEndian = false,
): void {
  if (littleEndian) return putLow32(bytes, at, bits);
  bytes[at] = bits >>> 24;
  bytes[at + 1] = bits >>> 16;
  bytes[at + 2] = bits >>> 8;
  bytes[at + 3] = bits;
}

/** Writes all 32 bits, little-endian. */
function putLow32(bytes: Uint8Array, at: number, bits: number): void {
  bytes[at] = bits;
  bytes[at + 1] = bits >>> 8;
  bytes[at + 2] = bits >>> 16;
  bytes[at + 3] = bits >>> 24;
}
