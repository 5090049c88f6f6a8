/** Messages of the benchmark: the size, header included, in 4 bytes little-endian, then a body. */
export const HEADER_SIZE = 4;

/** A message of `size` bytes. */
export function message(size: number): Uint8Array {
  const bytes = new Uint8Array(size).fill(0x5a);
  new DataView(bytes.buffer).setUint32(0, size, true);
  return bytes;
}

/** The size of the message that `buf` begins with; negated if not all of it is there, 0 if that is not known yet. */
export function sizeOf(buf: Uint8Array): number {
  if (buf.length < HEADER_SIZE) return 0;
  const size = buf[0] | buf[1] << 8 | buf[2] << 16;
  return buf.length < size ? -size : size;
}
