// Writes replies, in RESP2 or RESP3.

import { putText } from "./bytes.ts";

/** The versions of the protocol. */
export type Protocol = 2 | 3;

const FIRST_SIZE = 64 * 1024;
const CR = 0x0d;
const LF = 0x0a;
const KINDS = {
  simple: 0x2b, // +
  error: 0x2d, // -
  integer: 0x3a, // :
  bulk: 0x24, // $
  verbatim: 0x3d, // =
  array: 0x2a, // *
  map: 0x25, // %
  set: 0x7e, // ~
  push: 0x3e, // >
} as const;

/** Writes replies one after the other. One writer is enough for a thread: it is emptied before the next connection is served. */
export class ReplyWriter {
  /** The protocol of the client. */
  protocol: Protocol = 2;
  /** How many bytes are written. */
  size = 0;
  #bytes = new Uint8Array(FIRST_SIZE);

  /** What was written: the first `size` bytes of these. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** A copy of what was written. */
  copy(): Uint8Array {
    return this.#bytes.slice(0, this.size);
  }

  /** Discards all but the first `size` bytes, and a buffer that has grown large. */
  truncate(size: number): void {
    this.size = size;
    if (size === 0 && this.#bytes.length > 16 * FIRST_SIZE) {
      this.#bytes = new Uint8Array(FIRST_SIZE);
    }
  }

  simple(text: string): void {
    this.#line(KINDS.simple, text);
  }

  error(text: string): void {
    this.#line(KINDS.error, text.replace(/[\r\n]/g, " "));
  }

  integer(value: number | bigint): void {
    this.#line(KINDS.integer, String(value));
  }

  /** A bulk string; null if `text` is undefined. */
  bulk(text: string | undefined): void {
    if (text === undefined) return this.null();
    this.#text(KINDS.bulk, text);
  }

  /** A verbatim string, which is shown as it is. */
  verbatim(text: string): void {
    if (this.protocol === 3) this.#text(KINDS.verbatim, `txt:${text}`);
    else this.bulk(text);
  }

  null(): void {
    if (this.protocol === 3) this.#put("_\r\n");
    else this.#put("$-1\r\n");
  }

  /** Null where an array is expected. */
  nullArray(): void {
    if (this.protocol === 3) this.#put("_\r\n");
    else this.#put("*-1\r\n");
  }

  /** The header of an array: `count` replies follow. */
  array(count: number): void {
    this.#line(KINDS.array, String(count));
  }

  /** An array of bulk strings. */
  bulks(texts: Iterable<string>, count: number): void {
    this.array(count);
    for (const text of texts) this.bulk(text);
  }

  /** The header of a map: `count` pairs follow. */
  map(count: number): void {
    if (this.protocol === 3) this.#line(KINDS.map, String(count));
    else this.array(2 * count);
  }

  /** The header of a set: `count` members follow. */
  set(count: number): void {
    if (this.protocol === 3) this.#line(KINDS.set, String(count));
    else this.array(count);
  }

  /** The header of a push, which is no reply: `count` parts follow. */
  push(count: number): void {
    if (this.protocol === 3) this.#line(KINDS.push, String(count));
    else this.array(count);
  }

  #text(kind: number, text: string): void {
    const { length } = text;
    this.#line(kind, String(length));
    const at = this.#claim(length + 2);
    const bytes = this.#bytes;
    putText(bytes, at, text);
    bytes[at + length] = CR;
    bytes[at + length + 1] = LF;
  }

  #line(kind: number, text: string): void {
    const { length } = text;
    const at = this.#claim(1 + length + 2);
    const bytes = this.#bytes;
    bytes[at] = kind;
    putText(bytes, at + 1, text);
    bytes[at + length + 1] = CR;
    bytes[at + length + 2] = LF;
  }

  #put(text: string): void {
    const at = this.#claim(text.length);
    putText(this.#bytes, at, text);
  }

  /** The next `count` bytes are about to be written: returns where. */
  #claim(count: number): number {
    const at = this.size;
    this.size = at + count;
    if (this.size > this.#bytes.length) {
      const old = this.#bytes;
      this.#bytes = new Uint8Array(Math.max(this.size, 2 * old.length));
      this.#bytes.set(old.subarray(0, at));
    }
    return at;
  }
}
