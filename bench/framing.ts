/** Messages of the benchmark: the size, header included, in 4 bytes little-endian, then a body. */
export const HEADER_SIZE = 4;

/** A message of `size` bytes. */
export function message(size: number): Uint8Array {
  const bytes = new Uint8Array(size).fill(0x5a);
  new DataView(bytes.buffer).setUint32(0, size, true);
  return bytes;
}
