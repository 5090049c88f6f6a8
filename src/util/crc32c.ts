/** The Castagnoli polynomial, bit-reversed. */
const POLYNOMIAL = 0x82f63b78;

/** The lookup table, by byte; built on first use. */
let table: Uint32Array | undefined = undefined;

function newTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let bits = byte;
    for (let i = 0; i < 8; i++) {
      bits = bits & 1 ? bits >>> 1 ^ POLYNOMIAL : bits >>> 1;
    }
    return bits;
  });
}

/** The CRC-32C (RFC 3720, appendix B.4) of `bytes`. */
export function crc32c(bytes: Uint8Array): number {
  table ??= newTable();
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) {
    crc = table[(crc ^ bytes[i]) & 0xff] ^ crc >>> 8;
  }
  return ~crc >>> 0;
}
