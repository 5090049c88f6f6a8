// The records that TLS sends (RFC 8446, section 5.1), except that nothing in
// a simulated record is encrypted.

import { partOf } from "../../util/views.ts";

export const ALERT = 21;
export const HANDSHAKE = 22;
export const DATA = 23;

const HEADER_SIZE = 5;
const MAJOR_VERSION = 3;
/** The most bytes of content in a record. */
export const MAX_CONTENT = 16384;

/** A record that was read. */
export interface TlsRecord {
  readonly type: number;
  readonly content: Uint8Array;
}

/** A record whose content is `bytes` from `start` to `end`, at most {@linkcode MAX_CONTENT} bytes. */
export function recordOf(
  type: number,
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): Uint8Array {
  const size = end - start;
  const record = new Uint8Array(HEADER_SIZE + size);
  record.set([type, MAJOR_VERSION, MAJOR_VERSION, size >> 8, size & 0xff]);
  record.set(partOf(bytes, start, end), HEADER_SIZE);
  return record;
}

/** Thrown for bytes that are not a record. */
export class NoRecordError extends Error {}

/** Cuts a stream of bytes into records. */
export class RecordReader {
  #bytes = new Uint8Array(0);

  /** More has come in. */
  append(bytes: Uint8Array): void {
    const before = this.#bytes;
    this.#bytes = new Uint8Array(before.length + bytes.length);
    this.#bytes.set(before);
    this.#bytes.set(bytes, before.length);
  }

  /** The next record; undefined if it is incomplete. Throws {@linkcode NoRecordError}. */
  next(): TlsRecord | undefined {
    const bytes = this.#bytes;
    const [type, major, , high, low] = bytes;
    if (bytes.length === 0) return undefined;
    const isRecord = type >= ALERT && type <= DATA &&
      (major ?? MAJOR_VERSION) === MAJOR_VERSION;
    if (!isRecord) throw new NoRecordError("the bytes are not a TLS record");
    if (bytes.length < HEADER_SIZE) return undefined;
    const end = HEADER_SIZE + 256 * high + low;
    if (end > HEADER_SIZE + MAX_CONTENT) {
      throw new NoRecordError("the record is longer than one can be");
    }
    if (bytes.length < end) return undefined;
    this.#bytes = bytes.subarray(end);
    return { type, content: bytes.subarray(HEADER_SIZE, end) };
  }
}
