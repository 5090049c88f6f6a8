// How an append-only file is written: requests as clients send them, all of a turn
// in one batch. A line before it tells its size and checksum, and has a checksum
// of its own: so a batch that was not written to its end is told from a damaged one.

import { bytesOf, putText, textOf } from "../bytes.ts";
import { writeRequest } from "../requests.ts";
import { crc32 } from "./crc32.ts";

/** No head is longer. */
export const MAX_HEAD_SIZE = 64;

const HEAD = /^(#(\d{1,10}) ([\da-f]{8})) ([\da-f]{8})\r\n/;
/** What a head may begin with, if it is cut. */
const CUT_HEAD = /^#\d{0,10}(?: [\da-f]{0,8}){0,2}\r?$/;

/** What a head tells of its batch. */
export interface Head {
  /** Bytes of the head, and of what follows it. */
  readonly headSize: number;
  readonly size: number;
  readonly checksum: string;
}

/** An argument of this size is not copied into a longer text: there is a longest one. */
const LONG = 64 * 1024;

/** Requests that are to be written at once. */
export class Batch {
  /** How many bytes they have. */
  size = 0;
  readonly #parts: string[] = [];
  #last = "";

  add(args: readonly string[]): void {
    writeRequest(args, this.#put);
  }

  /** Their bytes, behind a head; the batch is empty then. */
  take(): Uint8Array {
    const { size } = this;
    this.#parts.push(this.#last);
    const batch = new Uint8Array(MAX_HEAD_SIZE + size);
    let at = MAX_HEAD_SIZE;
    for (const part of this.#parts) {
      putText(batch, at, part);
      at += part.length;
    }
    const body = batch.subarray(MAX_HEAD_SIZE);
    const head = `#${size} ${checksumOf(body)}`;
    const line = `${head} ${checksumOf(bytesOf(head))}\r\n`;
    const start = MAX_HEAD_SIZE - line.length;
    putText(batch, start, line);
    this.#parts.length = 0;
    this.#last = "";
    this.size = 0;
    return batch.subarray(start);
  }

  readonly #put = (text: string): void => {
    this.size += text.length;
    if (text.length < LONG && this.#last.length < LONG) {
      this.#last += text;
    } else {
      this.#parts.push(this.#last);
      this.#last = text;
    }
  };
}

/** The head that `bytes` begin with, `"cut"` if they are too few, or `"damaged"`. */
export function readHead(bytes: Uint8Array): Head | "cut" | "damaged" {
  const text = textOf(bytes, 0, Math.min(bytes.length, MAX_HEAD_SIZE));
  const [all, head, size, checksum, own] = HEAD.exec(text) ?? [];
  if (all === undefined) return CUT_HEAD.test(text) ? "cut" : "damaged";
  if (checksumOf(bytesOf(head)) !== own) return "damaged";
  return { headSize: all.length, size: Number(size), checksum };
}

/** What a head says of `body`. */
export function checksumOf(body: Uint8Array): string {
  return crc32(body).toString(16).padStart(8, "0");
}
