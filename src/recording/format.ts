// How a recording lies in a file: a line that says so, and then events, the first
// of which says what was recorded. An event is its kind, the microseconds since
// the one before and the size of what it holds, both as varints (LEB128), what it
// holds, and the CRC-32C of all that, big-endian.

import { crc32c } from "../util/crc32c.ts";
import { put32 } from "../util/numbers.ts";
import { encoder } from "../util/utf8.ts";
import { partOf } from "../util/views.ts";

/** The only one that there is. */
export const VERSION = 1;

export const FIRST_WORD = "reactio-recording";

/** The kinds of events, and what they hold. */
export const EventKind = {
  /** JSON: what was recorded. */
  About: 0,
  /** Bytes that came in at once. */
  Received: 1,
  /** Bytes that the socket took at once. */
  Sent: 2,
  /** Nothing: this end has sent FIN. */
  End: 3,
  /** Nothing: the peer has. */
  PeerEnd: 4,
  /** Why, as text; empty if in good order. */
  Closed: 5,
  /** Why, as text. */
  Lost: 6,
  /** Which bound ended the recording, as text. */
  Stopped: 7,
} as const;

export const LAST_KIND: number = EventKind.Stopped;

export const CRC_SIZE = 4;

const MORE = 0x80;
const BITS = 7;

/** The line that a recording begins with. */
export function firstLine(): Uint8Array {
  return encoder.encode(`${FIRST_WORD} ${VERSION}\n`);
}

/** An event, `micros` after the one before, that holds the bytes from `start` to `end`. */
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

/** Reads the varint at `at`: its value, and where it ends; undefined if the bytes end before. */
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
