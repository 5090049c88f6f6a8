// The format of a recording: a first line that identifies it, then events. The
// first event describes the recorded connection. An event consists of its kind,
// the microseconds since the previous event and the size of its payload (both
// varints, LEB128), the payload, and the CRC-32C of all of these, big-endian.

import { crc32c } from "../util/crc32c.ts";
import { put32 } from "../util/write_numbers.ts";
import { encoder } from "../util/utf8.ts";
import { partOf } from "../util/views.ts";

/** The only version so far. */
export const VERSION = 1;

export const FIRST_WORD = "reactio-recording";

/** The kinds of events, and their payloads. */
export const EventKind = {
  /** JSON that describes the connection. */
  About: 0,
  /** The bytes of one read. */
  Received: 1,
  /** Bytes that the socket accepted in one write. */
  Sent: 2,
  /** Empty: this end sent FIN. */
  End: 3,
  /** Empty: the peer sent FIN. */
  PeerEnd: 4,
  /** The reason as text; empty after a clean close. */
  Closed: 5,
  /** The reason, as text. */
  Lost: 6,
  /** The limit that ended the recording, as text. */
  Stopped: 7,
} as const;

export const LAST_KIND: number = EventKind.Stopped;

export const CRC_SIZE = 4;

const MORE = 0x80;
const BITS = 7;

/** The first line of a recording. */
export function headLine(): Uint8Array {
  return encoder.encode(`${FIRST_WORD} ${VERSION}\n`);
}

/**
 * Encodes an event that happened `micros` after the previous one. Its payload
 * is the bytes from `start` to `end`.
 */
export function eventOf(
  kind: number,
  micros: number,
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): Uint8Array {
  const head = [kind, ...varint(micros), ...varint(end - start)];
  const size = head.length + end - start;
  const event = new Uint8Array(size + CRC_SIZE);
  event.set(head);
  event.set(partOf(bytes, start, end), head.length);
  put32(event, size, crc32c(event.subarray(0, size)));
  return event;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= MORE; left = Math.floor(left / MORE)) {
    bytes.push(left % MORE | MORE);
  }
  return [...bytes, left];
}

/**
 * Reads the varint at `at`. Returns its value and the offset past it; undefined
 * if it is incomplete.
 */
export function readVarint(
  bytes: Uint8Array,
  at: number,
): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let i = at, shift = 0; i < bytes.length; i++, shift += BITS) {
    value += (bytes[i] & ~MORE) * 2 ** shift;
    if (bytes[i] < MORE) return { value, end: i + 1 };
  }
  return undefined;
}
