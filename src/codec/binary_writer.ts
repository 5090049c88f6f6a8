/**
 * Encoding messages in memory, apart from any connection.
 *
 * @module
 */

import type { ByteWriter } from "../api/byte_writer.ts";
import { asBytes, asText, checkCount, checkSlice } from "../api/bytes.ts";
import { InvalidSliceError, WriterFullError } from "../api/errors.ts";
import { integer, OptionTable } from "../api/options/rules.ts";
import { writePrefixedText } from "../api/prefixed_text.ts";
import { FIRST_WRITER_SIZE, SHORT_TEXT } from "../tuning.ts";
import { EMPTY } from "../util/empty.ts";
import { put16, put24, put32, putWide, wide } from "../util/write_numbers.ts";
import { encoder, MAX_BYTES_PER_UNIT, putAscii } from "../util/utf8.ts";
import { partOf, sizeOf } from "../util/views.ts";
import { countOf } from "../util/text.ts";

/**
 * Options of {@linkcode BinaryWriter}.
 *
 * @category Codecs
 */
export interface BinaryWriterOptions {
  /** The most bytes that the writer can hold. 0 to 2^30, default 16 MiB. */
  readonly max?: number | undefined;
}

/** The options of {@linkcode BinaryWriter}. */
export const BINARY_WRITER_OPTIONS: OptionTable<BinaryWriterOptions> =
  new OptionTable<BinaryWriterOptions>({
    max: integer(0, 2 ** 30, 16 * 2 ** 20),
  });

/**
 * Encodes into a buffer in memory, which grows as needed.
 *
 * @category Codecs
 * @example
 * ```ts
 * import { BinaryReader, BinaryWriter } from "@reactio/reactio";
 *
 * const writer = new BinaryWriter();
 * writer.writeUint16(7);
 * writer.writePrefixedText("grüße", 2); // its size in two bytes, then the text
 * const reader = new BinaryReader(writer.take());
 * console.log(reader.readUint16()); // 7
 * console.log(reader.readPrefixedText(2)); // grüße
 * reader.end();
 * ```
 */
export class BinaryWriter implements ByteWriter {
  #bytes: Uint8Array = EMPTY;
  #end = 0;
  readonly #max: number;

  /**
   * Creates an empty writer.
   *
   * @param options Its maximum size.
   * @throws {InvalidOptionError} If `max` is out of range.
   */
  constructor(options: BinaryWriterOptions = {}) {
    this.#max = BINARY_WRITER_OPTIONS.fill(options).max;
  }

  /** How many bytes have been written. */
  get bytesWritten(): number {
    return this.#end;
  }

  /**
   * Returns the written bytes.
   *
   * @returns A view, valid until the next call of another method. You may
   *   change the bytes, but not transfer the buffer.
   * @throws {InvalidSliceError} If the buffer has been transferred
   *   nevertheless.
   */
  getWritten(): Uint8Array {
    if (this.#end === 0) return EMPTY;
    this.#checkThere();
    return this.#bytes.subarray(0, this.#end);
  }

  /**
   * Hands over the written bytes without a copy, and leaves the writer empty.
   *
   * @returns An array that the caller owns. Its `buffer` may be larger.
   * @throws {InvalidSliceError} If the buffer from `getWritten` has been
   *   transferred.
   */
  take(): Uint8Array {
    const written = this.getWritten();
    this.#bytes = EMPTY;
    this.#end = 0;
    return written;
  }

  /** Drops the written bytes, but keeps the memory for new ones. */
  clear(): void {
    this.#end = 0;
  }

  truncate(size: number): void {
    checkCount(this.#end, size);
    this.#end = size;
  }

  write(bytes: ArrayBufferView, start = 0, end?: number): number {
    const given = asBytes(bytes, "write");
    const length = sizeOf(given);
    const to = end === undefined ? length : end;
    checkSlice(length, start, to, "write");
    const size = to - start;
    if (size === 0) return 0;
    const at = this.#claim(size);
    this.#bytes.set(size === length ? given : partOf(given, start, to), at);
    return size;
  }

  writeText(text: string): number {
    const { length } = asText(text);
    if (length <= SHORT_TEXT && this.#writeAscii(text)) return length;
    const most = length * MAX_BYTES_PER_UNIT;
    if (this.#end + most > this.#max) return this.write(encoder.encode(text));
    const at = this.#claim(most);
    const room = this.#bytes.subarray(at, this.#end);
    const { written } = encoder.encodeInto(text, room);
    this.#end = at + written;
    return written;
  }

  writePrefixedText(
    text: string,
    bytes: 1 | 2 | 3 | 4,
    littleEndian?: boolean,
  ): number {
    return writePrefixedText(this, text, bytes, littleEndian);
  }

  // Each value is converted to a number first: that may run user code, which
  // could write to this buffer.

  writeUint8(value: number): void {
    const bits = value >>> 0;
    const at = this.#claim(1);
    this.#bytes[at] = bits;
  }

  writeUint16(value: number, littleEndian?: boolean): void {
    const bits = value >>> 0;
    const at = this.#claim(2);
    put16(this.#bytes, at, bits, littleEndian);
  }

  writeUint24(value: number, littleEndian?: boolean): void {
    const bits = value >>> 0;
    const at = this.#claim(3);
    put24(this.#bytes, at, bits, littleEndian);
  }

  writeUint32(value: number, littleEndian?: boolean): void {
    const bits = value >>> 0;
    const at = this.#claim(4);
    put32(this.#bytes, at, bits, littleEndian);
  }

  writeBigUint64(value: bigint, littleEndian?: boolean): void {
    wide.setBigUint64(0, value, littleEndian);
    this.#writeWide(8);
  }

  writeFloat32(value: number, littleEndian?: boolean): void {
    wide.setFloat32(0, value, littleEndian);
    this.#writeWide(4);
  }

  writeFloat64(value: number, littleEndian?: boolean): void {
    wide.setFloat64(0, value, littleEndian);
    this.#writeWide(8);
  }

  setUint8(offset: number, value: number): void {
    const bits = value >>> 0;
    checkSlice(this.#end, offset, offset + 1, "write");
    this.#bytes[offset] = bits;
  }

  setUint16(offset: number, value: number, littleEndian?: boolean): void {
    const bits = value >>> 0;
    checkSlice(this.#end, offset, offset + 2, "write");
    put16(this.#bytes, offset, bits, littleEndian);
  }

  setUint32(offset: number, value: number, littleEndian?: boolean): void {
    const bits = value >>> 0;
    checkSlice(this.#end, offset, offset + 4, "write");
    put32(this.#bytes, offset, bits, littleEndian);
  }

  /** Reserves the next `count` bytes. Returns their offset. */
  #claim(count: number): number {
    const at = this.#end;
    const end = at + count;
    if (end > this.#bytes.length) this.#grow(count);
    this.#end = end;
    return at;
  }

  #grow(count: number): void {
    const needed = this.#end + count;
    if (needed > this.#max) {
      throw new WriterFullError(
        `Cannot write ${
          countOf(count, "byte")
        } after ${this.#end}: max is ${this.#max}`,
      );
    }
    this.#checkThere();
    const written = this.#bytes;
    const roomy = Math.max(FIRST_WRITER_SIZE, needed, 2 * written.length);
    this.#bytes = new Uint8Array(Math.min(roomy, this.#max));
    if (this.#end > 0) this.#bytes.set(written);
  }

  #checkThere(): void {
    if (this.#end === 0 || this.#bytes.length > 0) return;
    throw new InvalidSliceError(
      `Cannot use the ${this.#end} written bytes: their buffer was transferred`,
    );
  }

  /**
   * Writes the text if it is ASCII; otherwise returns false, and writes
   * nothing.
   */
  #writeAscii(text: string): boolean {
    const at = this.#claim(text.length);
    const isAscii = putAscii(this.#bytes, at, text);
    if (!isAscii) this.#end = at;
    return isAscii;
  }

  /** Appends the first `count` bytes of `wide`. */
  #writeWide(count: 4 | 8): void {
    const at = this.#claim(count);
    putWide(this.#bytes, at, count);
  }
}
