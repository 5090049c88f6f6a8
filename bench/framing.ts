/**
 * Messages of the benchmark: a size, which includes itself, in 4 bytes
 * little-endian, then a body.
 */
export const HEADER_SIZE = 4;

/** Creates a message of `size` bytes. */
export function message(size: number): Uint8Array {
  const bytes = new Uint8Array(size).fill(0x5a);
  new DataView(bytes.buffer).setUint32(0, size, true);
  return bytes;
}

/**
 * Returns the size of the first message in `buf`: negated if the message is
 * incomplete, 0 if the size is still unknown.
 */
export function sizeOf(buf: Uint8Array): number {
  if (buf.length < HEADER_SIZE) return 0;
  const size = buf[0] | buf[1] << 8 | buf[2] << 16;
  return buf.length < size ? -size : size;
}
