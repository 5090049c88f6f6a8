/**
 * A message that is decoded and encoded again: size, kind and sequence number,
 * little-endian, and a body.
 */

import { HEADER_SIZE } from "../framing.ts";

const SEQUENCE_AT = HEADER_SIZE + 2;

/**
 * Offset of the body: after 4 bytes of size, 2 of kind, and 8 of sequence
 * number.
 */
export const BODY_AT = SEQUENCE_AT + 8;

const wide = new DataView(new ArrayBuffer(8));
const wideBytes = new Uint8Array(wide.buffer);

/** The kind of the message at `start`. */
export function kindOf(buffer: Uint8Array, start: number): number {
  return buffer[start + HEADER_SIZE] | buffer[start + HEADER_SIZE + 1] << 8;
}

/** The sequence number of the message at `start`. */
export function sequenceOf(buffer: Uint8Array, start: number): bigint {
  const at = start + SEQUENCE_AT;
  for (let i = 0; i < 8; i++) wideBytes[i] = buffer[at + i];
  return wide.getBigUint64(0, true);
}
