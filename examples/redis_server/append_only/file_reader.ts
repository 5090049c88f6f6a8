import { Buffer } from "node:buffer";
import fs from "node:fs";

const CHUNK = 1024 * 1024;

/** Reads a file from its beginning, in large pieces. */
export class FileReader {
  /** The offset in the file of the next byte. */
  offset = 0;
  readonly #file: number;
  /** What was read and not skipped yet. */
  #bytes: Buffer = Buffer.alloc(0);
  #isAtEnd = false;

  constructor(file: number) {
    this.#file = file;
  }

  /** Returns the next `count` bytes without skipping them; fewer at the end. Valid until the next call. */
  peek(count: number): Uint8Array {
    while (this.#bytes.length < count && !this.#isAtEnd) this.#readMore(count);
    return this.#bytes.subarray(0, count);
  }

  /** Skips `count` bytes that {@linkcode peek} has returned. */
  skip(count: number): void {
    this.#bytes = this.#bytes.subarray(count);
    this.offset += count;
  }

  #readMore(wanted: number): void {
    const chunk = Buffer.allocUnsafe(
      Math.max(CHUNK, wanted - this.#bytes.length),
    );
    const count = fs.readSync(this.#file, chunk);
    this.#isAtEnd = count === 0;
    this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(0, count)]);
  }
}
