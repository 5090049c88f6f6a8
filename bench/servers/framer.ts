/**
 * Splits a stream into messages and batches the answers as a careful user
 * would: without a view, an object or a write per message.
 */

import { Buffer } from "node:buffer";
import { HEADER_SIZE } from "../framing.ts";
import { Deno, IS_ENCODED, IS_SINK } from "./host.ts";
import { BODY_AT, kindOf, sequenceOf } from "./record.ts";

/** Copying fewer bytes is faster by a loop than by a call. */
const MIN_COPY = 32;

/** Calls `onMessage` for each message on a connection. */
export class Framer {
  readonly #onMessage: (buffer: Buffer, start: number, end: number) => void;
  /** The beginning of an incomplete message. */
  #partial = Buffer.alloc(0);
  #held = 0;

  constructor(
    onMessage: (buffer: Buffer, start: number, end: number) => void,
  ) {
    this.#onMessage = onMessage;
  }

  /** Takes the first `length` bytes of `chunk`, which have just been read. */
  feed(chunk: Buffer, length: number): void {
    if (this.#held === 0) {
      const rest = this.#dispatch(chunk, length);
      if (rest < length) this.#keep(chunk, rest, length);
      return;
    }
    this.#keep(chunk, 0, length);
    const rest = this.#dispatch(this.#partial, this.#held);
    if (rest === 0) return;
    this.#partial.copyWithin(0, rest, this.#held);
    this.#held -= rest;
  }

  /** Returns the offset past the last whole message. */
  #dispatch(buffer: Buffer, end: number): number {
    let start = 0;
    while (end - start >= HEADER_SIZE) {
      const size = buffer[start] | buffer[start + 1] << 8 |
        buffer[start + 2] << 16;
      if (end - start < size) break;
      this.#onMessage(buffer, start, start + size);
      start += size;
    }
    return start;
  }

  #keep(buffer: Buffer, start: number, end: number): void {
    const length = this.#held + end - start;
    this.#partial = withRoom(this.#partial, this.#held, length);
    copy(buffer, start, end, this.#partial, this.#held);
    this.#held = length;
  }
}

/** Batches the answers to one read into one write. */
class GatheredAnswers {
  bytes = Buffer.alloc(0);
  length = 0;
  /** Number of bytes received, if messages are counted instead of answered. */
  total = 0;

  readonly add: (buffer: Buffer, start: number, end: number) => void = (
    buffer,
    start,
    end,
  ) => {
    if (IS_SINK) {
      this.total += end - start;
      return;
    }
    const length = this.length + end - start;
    this.bytes = withRoom(this.bytes, this.length, length);
    copy(buffer, start, end, this.bytes, this.length);
    this.length = length;
  };
}

/**
 * The same, but encodes each answer from the decoded message, with numbers
 * written through a `DataView`.
 */
class EncodedAnswers extends GatheredAnswers {
  #view = new DataView(this.bytes.buffer);

  override readonly add = (
    buffer: Buffer,
    start: number,
    end: number,
  ): void => {
    const at = this.length;
    const length = at + end - start;
    if (length > this.bytes.length) {
      this.bytes = withRoom(this.bytes, at, length);
      const { buffer, byteOffset } = this.bytes;
      this.#view = new DataView(buffer, byteOffset);
    }
    const view = this.#view;
    view.setUint32(at, end - start, true);
    view.setUint16(at + 4, kindOf(buffer, start), true);
    view.setBigUint64(at + 6, sequenceOf(buffer, start), true);
    copy(buffer, start + BODY_AT, end, this.bytes, at + BODY_AT);
    this.length = length;
  };
}

/** Creates the answers of a connection, as the command line asks for. */
export function newAnswers(): GatheredAnswers {
  return IS_ENCODED ? new EncodedAnswers() : new GatheredAnswers();
}

/** Returns `buffer`, or a larger copy of its first `used` bytes. */
function withRoom(
  buffer: Buffer<ArrayBuffer>,
  used: number,
  length: number,
): Buffer<ArrayBuffer> {
  if (length <= buffer.length) return buffer;
  const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * buffer.length));
  buffer.copy(larger, 0, 0, used);
  return larger;
}

function copy(
  source: Buffer,
  start: number,
  end: number,
  target: Buffer,
  at: number,
): void {
  if (end - start < MIN_COPY) {
    while (start < end) target[at++] = source[start++];
  } else if (Deno === undefined) {
    source.copy(target, at, start, end);
  } else {
    const { buffer, byteOffset } = source;
    target.set(new Uint8Array(buffer, byteOffset + start, end - start), at);
  }
}
