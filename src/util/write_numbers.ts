/** Holds a number of up to 8 bytes before it is copied, so that no view of the target is needed. */
export const wide: DataView = new DataView(new ArrayBuffer(8));

/** Puts the first `count` bytes of {@linkcode wide}, 4 or 8, at `at`. */
export function putWide(bytes: Uint8Array, at: number, count: 4 | 8): void {
  putLow32(bytes, at, wide.getUint32(0, true));
  if (count > 4) putLow32(bytes, at + 4, wide.getUint32(4, true));
}

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
  if (littleEndian) return putLow32(bytes, at, bits);
  bytes[at] = bits >>> 24;
  bytes[at + 1] = bits >>> 16;
  bytes[at + 2] = bits >>> 8;
  bytes[at + 3] = bits;
}

/** The same, little-endian. */
function putLow32(bytes: Uint8Array, at: number, bits: number): void {
  bytes[at] = bits;
  bytes[at + 1] = bits >>> 8;
  bytes[at + 2] = bits >>> 16;
  bytes[at + 3] = bits >>> 24;
}
