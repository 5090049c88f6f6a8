// The format of an append-only file: requests as clients send them, all of a turn in
// one batch. The line before a batch has its size and checksum, and a checksum of its
// own. So a batch that was cut off can be told from one that is damaged.

import { bytesOf, putText, textOf } from "../bytes.ts";
import { writeRequest } from "../requests.ts";
import { crc32 } from "./crc32.ts";

/** The longest header. */
export const MAX_HEADER_SIZE = 64;

const HEADER = /^(#(\d{1,10}) ([\da-f]{8})) ([\da-f]{8})\r\n/;
/** A header that was cut off. */
const CUT_HEADER = /^#\d{0,10}(?: [\da-f]{0,8}){0,2}\r?$/;

/** What a header says about its batch. */
export interface BatchHeader {
  /** Bytes of the header, and of what follows it. */
  readonly headerSize: number;
  readonly size: number;
  readonly checksum: string;
}

/** An argument of this size is not appended to another string, since the length of strings is limited. */
const LONG_ARGUMENT = 64 * 1024;

/** Requests that are written at once. */
export class WriteBatch {
  /** How many bytes they have. */
  size = 0;
  readonly #parts: string[] = [];
  #last = "";

  add(args: readonly string[]): void {
    writeRequest(args, this.#put);
  }

  /** Returns their bytes, after a header, and empties the batch. */
  take(): Uint8Array {
    const { size } = this;
    this.#parts.push(this.#last);
    const batch = new Uint8Array(MAX_HEADER_SIZE + size);
    let at = MAX_HEADER_SIZE;
    for (const part of this.#parts) {
      putText(batch, at, part);
      at += part.length;
    }
    const body = batch.subarray(MAX_HEADER_SIZE);
    const header = `#${size} ${checksumOf(body)}`;
    const line = `${header} ${checksumOf(bytesOf(header))}\r\n`;
    const start = MAX_HEADER_SIZE - line.length;
    putText(batch, start, line);
    this.#parts.length = 0;
    this.#last = "";
    this.size = 0;
    return batch.subarray(start);
  }

  readonly #put = (text: string): void => {
    this.size += text.length;
    if (text.length < LONG_ARGUMENT && this.#last.length < LONG_ARGUMENT) {
      this.#last += text;
    } else {
      this.#parts.push(this.#last);
      this.#last = text;
    }
  };
}

/** The header that `bytes` begin with, `"cut"` if they are too few, or `"damaged"`. */
export function readHeader(bytes: Uint8Array): BatchHeader | "cut" | "damaged" {
  const text = textOf(bytes, 0, Math.min(bytes.length, MAX_HEADER_SIZE));
  const [all, header, size, checksum, own] = HEADER.exec(text) ?? [];
  if (all === undefined) return CUT_HEADER.test(text) ? "cut" : "damaged";
  if (checksumOf(bytesOf(header)) !== own) return "damaged";
  return { headerSize: all.length, size: Number(size), checksum };
}

/** The checksum of `body`, as a header has it. */
export function checksumOf(body: Uint8Array): string {
  return crc32(body).toString(16).padStart(8, "0");
}
