// Chunked bodies: each chunk follows its size. RFC 9112, 7.1.

import { Buffer } from "node:buffer";
import { readField } from "./head.ts";
import { HttpError } from "./http_error.ts";

const CR = 0x0d;
const LF = 0x0a;
const SEMICOLON = 0x3b;

/** The longest line with the size of a chunk, and the longest field after the last chunk. */
const MAX_LINE = 256;

/** The most bytes of a body that are not content, since all of them are parsed again with each read. */
export const MAX_AROUND = 64 * 1024;

/** Walks over the body that begins at `start`, and reports where its pieces are. Returns where it ends; 0 if that has not come yet. Throws an {@linkcode HttpError}. */
export function walkChunks(
  bytes: Uint8Array,
  start: number,
  end: number,
  maxBody: number,
  onChunk?: (start: number, end: number) => void,
): number {
  let size = 0;
  for (let at = start;;) {
    const data = lineEnd(bytes, at, end);
    if (data === 0) return 0;
    const length = readSize(bytes, at, data);
    if (length === 0) return trailerEnd(bytes, data, end, start + size);
    size += length;
    if (size > maxBody) throw new HttpError(413, "its body is too large");
    const next = data + length;
    if (next + 2 - start - size > MAX_AROUND) throw tooMuchAround();
    if (next < end && bytes[next] !== CR) throw badChunk();
    if (next + 1 < end && bytes[next + 1] !== LF) throw badChunk();
    if (next + 2 > end) return 0;
    onChunk?.(data, next);
    at = next + 2;
  }
}

/** Where the line that begins at `at` ends; 0 if that has not come yet. */
function lineEnd(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    if (i - at >= MAX_LINE) throw badChunk();
    if (bytes[i] === LF) throw badChunk();
    if (bytes[i] !== CR) continue;
    if (i + 1 >= end) return 0;
    if (bytes[i + 1] === LF) return i + 2;
    throw badChunk();
  }
  return 0;
}

/** The size in the line from `at` to `end`. Extensions are ignored. */
function readSize(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  let i = at;
  for (;; i++) {
    const digit = hexDigit(bytes[i]);
    if (digit < 0) break;
    value = value * 16 + digit;
  }
  const isSize = i > at && i - at <= 8 &&
    (i === end - 2 || bytes[i] === SEMICOLON);
  if (!isSize) throw badChunk();
  return value;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Where the fields after the last chunk end. They are ignored. */
function trailerEnd(
  bytes: Uint8Array,
  start: number,
  end: number,
  from: number,
): number {
  for (let at = start;;) {
    const next = lineEnd(bytes, at, end);
    if (next === 0 || next === at + 2) return next;
    readField(Buffer.from(bytes.subarray(at, next - 2)).toString("latin1"));
    if (next - from > MAX_AROUND) throw tooMuchAround();
    at = next;
  }
}

function badChunk(): HttpError {
  return new HttpError(400, "its body is not in chunks");
}

function tooMuchAround(): HttpError {
  return new HttpError(413, "its chunks are too many for what they hold");
}
