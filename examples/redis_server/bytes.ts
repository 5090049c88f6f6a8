// Byte strings: each character is one byte, 0 to 255. So keys and values may hold
// anything, and JavaScript is fast with strings.

import { Buffer } from "node:buffer";

/** Strings up to this size are looked up before they are made: names of commands and keys recur. */
const LONGEST_CACHED = 64;
const SLOTS = 4096;
const cache: string[] = new Array(SLOTS).fill("");

/** What texts were made of last, as it is and as what makes texts: the requests of a read are in the same bytes. */
let shown: Uint8Array = new Uint8Array(0);
let view: Buffer = Buffer.from(shown);

/** The bytes from `start` to `end` as a byte string. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length > LONGEST_CACHED) return newText(bytes, start, end);
  let hash = length;
  for (let at = start; at < end; at++) {
    hash = (Math.imul(hash, 31) + bytes[at]) | 0;
  }
  const slot = (hash ^ hash >>> 12) & (SLOTS - 1);
  const known = cache[slot];
  if (known.length === length && isThere(known, bytes, start)) return known;
  return cache[slot] = newText(bytes, start, end);
}

function isThere(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}

function newText(bytes: Uint8Array, start: number, end: number): string {
  if (bytes !== shown) {
    shown = bytes;
    view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  return view.toString("latin1", start, end);
}

/** Up to this size, a loop writes a string faster than a call does. */
const SHORT = 48;
const encoder = new TextEncoder();

/** Writes the bytes of `text` at `at`, where there is room for them. */
export function putText(bytes: Uint8Array, at: number, text: string): void {
  const { length } = text;
  if (length > SHORT) {
    // As UTF-8 only bytes up to 127 are themselves; it does not fit if there are others.
    const room = bytes.subarray(at, at + length);
    if (encoder.encodeInto(text, room).read === length) return;
  }
  for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
}

/** The bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  putText(bytes, 0, text);
  return bytes;
}
