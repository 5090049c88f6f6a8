/**
 * How the numbers, bytes and texts of a frame are read.
 *
 * @module
 */

import { asBytes, checkSlice } from "../api/bytes.ts";
import { ReadOutOfBoundsError, UnreadBytesError } from "../api/errors.ts";
import { checkOption, integer } from "../api/options/rules.ts";
import { checkWidth } from "../api/prefixed_text.ts";
import { EMPTY } from "../util/empty.ts";
import { wide } from "../util/write_numbers.ts";
import { get16, get24, get32 } from "../util/read_numbers.ts";
import { countIs, textOf } from "../util/text.ts";
import { viewOf } from "./frames.ts";
import { decodeText, type InvalidText } from "./text.ts";

/** Bytes that are no part of another character of UTF-8. */
const TEXT_END = integer(0, 127);

/**
 * Reads numbers, bytes and text, one after the other.
 *
 * Numbers are read as `DataView` reads them, but big-endian by default. Reading more
 * than is left throws {@linkcode ReadOutOfBoundsError}, and reads nothing. A reader
 * creates no objects except those that it returns, and can be reused for one frame
 * after another.
 *
 * @category Codecs
 *
 * @example
 * ```ts
 * import { BinaryReader } from "@reactio/reactio";
 *
 * const reader = new BinaryReader(Uint8Array.of(1, 2, 3, 0xff, 104, 105));
 * console.log(reader.readUint8()); // 1
 * console.log(reader.readUint16(true)); // 770: little-endian
 * console.log(reader.readInt8()); // -1
 * console.log(reader.readText()); // hi
 * reader.end();
 * ```
 */
export class BinaryReader {
  #bytes: Uint8Array = EMPTY;
  #start = 0;
  #pos = 0;
  #end = 0;

  /**
   * Creates a reader for a frame, or for none yet.
   *
   * @param bytes What to read. They stay the caller's; do not change them while
   * they are being read.
   * @param start Offset of the first byte, 0 by default.
   * @param end Offset behind the last byte, by default the size of `bytes`.
   * @throws {InvalidSliceError} If `bytes` is not a view, or the frame does not lie
   * within it.
   */
  constructor(bytes: Uint8Array = EMPTY, start?: number, end?: number) {
    this.reset(bytes, start, end);
  }

  /**
   * Begins another frame.
   *
   * @param bytes As for the constructor.
   * @param start As for the constructor.
   * @param end As for the constructor.
   * @throws {InvalidSliceError} As the constructor does; then the reader keeps the
   * previous frame.
   */
  reset(bytes: Uint8Array, start = 0, end?: number): void {
    const source = bytes instanceof Uint8Array ? bytes : asBytes(bytes, "read");
    const { length } = source;
    const to = end === undefined ? length : end;
    // Of a frame, which nearly always comes in, this says enough.
    const isWithin = start >>> 0 === start && to >>> 0 === to && start <= to &&
      to <= length;
    if (!isWithin) checkSlice(length, start, to, "read");
    this.#bytes = source;
    this.#start = this.#pos = start;
    this.#end = to;
  }

  /** How many bytes of the frame were read. */
  get offset(): number {
    return this.#pos - this.#start;
  }

  /** How many bytes of the frame are left. */
  get remaining(): number {
    return this.#end - this.#pos;
  }

  /**
   * Skips bytes.
   *
   * @param count How many.
   * @throws {ReadOutOfBoundsError} If fewer are left.
   */
  skip(count: number): void {
    this.#take(count);
  }

  /**
   * Checks that the frame was read to its end.
   *
   * @throws {UnreadBytesError} If something is left.
   */
  end(): void {
    const { remaining } = this;
    if (remaining === 0) return;
    throw new UnreadBytesError(
      `Cannot end at offset ${this.offset}: ${
        countIs(remaining, "byte")
      } left of the frame`,
    );
  }

  /**
   * Reads 8 bits.
   *
   * @returns 0 to 255.
   * @throws {ReadOutOfBoundsError} If no byte is left; all methods below throw it if
   * too few bytes are left.
   */
  readUint8(): number {
    const at = this.#take(1);
    return this.#bytes[at];
  }

  /**
   * Reads 8 bits, signed.
   *
   * @returns -128 to 127.
   */
  readInt8(): number {
    return this.readUint8() << 24 >> 24;
  }

  /**
   * Reads 16 bits.
   *
   * @param littleEndian The byte order; big-endian by default.
   * @returns 0 to 65535.
   */
  readUint16(littleEndian?: boolean): number {
    const at = this.#take(2);
    return get16(this.#bytes, at, littleEndian);
  }

  /**
   * Reads 16 bits, signed.
   *
   * @param littleEndian The byte order; big-endian by default.
   * @returns -32768 to 32767.
   */
  readInt16(littleEndian?: boolean): number {
    return this.readUint16(littleEndian) << 16 >> 16;
  }

  /**
   * Reads 24 bits.
   *
   * @param littleEndian The byte order; big-endian by default.
   * @returns 0 to 2^24 - 1.
   */
  readUint24(littleEndian?: boolean): number {
    const at = this.#take(3);
    return get24(this.#bytes, at, littleEndian);
  }

  /**
   * Reads 24 bits, signed.
   *
   * @param littleEndian The byte order; big-endian by default.
   * @returns -2^23 to 2^23 - 1.
   */
  readInt24(littleEndian?: boolean): number {
    return this.readUint24(littleEndian) << 8 >> 8;
  }

  /**
   * Reads 32 bits.
   *
   * @param littleEndian The byte order; big-endian by default.
   * @returns 0 to 2^32 - 1.
   */
  readUint32(littleEndian?: boolean): number {
    const at = this.#take(4);
    return get32(this.#bytes, at, littleEndian);
  }

  /**
   * Reads 32 bits, signed.
   *
   * @param littleEndian The byte order; big-endian by default.
   * @returns -2^31 to 2^31 - 1.
   */
  readInt32(littleEndian?: boolean): number {
    return this.readUint32(littleEndian) | 0;
  }

  /**
   * Reads 64 bits.
   *
   * @param littleEndian The byte order; big-endian by default.
   * @returns 0 to 2^64 - 1.
   */
  readBigUint64(littleEndian?: boolean): bigint {
    this.#takeWide(8);
    return wide.getBigUint64(0, littleEndian);
  }

  /**
   * Reads 64 bits, signed.
   *
   * @param littleEndian The byte order; big-endian by default.
   * @returns -2^63 to 2^63 - 1.
   */
  readBigInt64(littleEndian?: boolean): bigint {
    this.#takeWide(8);
    return wide.getBigInt64(0, littleEndian);
  }

  /**
   * Reads a number in single precision.
   *
   * @param littleEndian The byte order; big-endian by default.
   * @returns The number.
   */
  readFloat32(littleEndian?: boolean): number {
    this.#takeWide(4);
    return wide.getFloat32(0, littleEndian);
  }

  /**
   * Reads a number in double precision.
   *
   * @param littleEndian The byte order; big-endian by default.
   * @returns The number.
   */
  readFloat64(littleEndian?: boolean): number {
    this.#takeWide(8);
    return wide.getFloat64(0, littleEndian);
  }

  /**
   * Reads a text in UTF-8, the only encoding it knows. For any other, decode the
   * bytes yourself: `new TextDecoder("utf-16le").decode(reader.readView())`.
   *
   * @param size How many bytes it has; by default all that are left.
   * @param invalidText What to do with bytes that are not UTF-8: `"reject"`, the
   * default, throws; `"replace"` replaces them with U+FFFD.
   * @returns The text.
   * @throws {InvalidTextError} If it is not UTF-8, and `invalidText` is `"reject"`.
   */
  readText(
    size: number = this.remaining,
    invalidText: InvalidText = "reject",
  ): string {
    const at = this.#take(size);
    return decodeText(this.#bytes, at, this.#pos, invalidText);
  }

  /**
   * Reads a size and then a text in UTF-8 of that size, as
   * {@linkcode ByteWriter.writePrefixedText} writes it.
   *
   * @param bytes How many bytes hold the size, which counts bytes, not characters.
   * @param littleEndian Their order; big-endian by default.
   * @param invalidText As for {@linkcode BinaryReader.readText}.
   * @returns The text.
   * @throws {ReadOutOfBoundsError} If not all of it is there; nothing is read then.
   * @throws {InvalidTextError} If it is not UTF-8, and `invalidText` is `"reject"`.
   * @throws {InvalidOptionError} If `bytes` is out of range.
   */
  readPrefixedText(
    bytes: 1 | 2 | 3 | 4,
    littleEndian = false,
    invalidText: InvalidText = "reject",
  ): string {
    checkWidth(bytes);
    const start = this.#take(bytes);
    let size = 0;
    for (let i = 0; i < bytes; i++) {
      const at = littleEndian ? bytes - 1 - i : i;
      size = size * 256 + this.#bytes[start + at];
    }
    this.#pos = start;
    this.#take(bytes + size);
    return decodeText(this.#bytes, start + bytes, this.#pos, invalidText);
  }

  /**
   * Reads a text in UTF-8, and the byte behind it that ends it, as the strings of C
   * and the fields of many protocols do.
   *
   * @param end The byte that ends the text and is no part of it: 0 to 127, 0 by
   * default.
   * @param invalidText As for {@linkcode BinaryReader.readText}.
   * @returns The text, without that byte.
   * @throws {ReadOutOfBoundsError} If the byte does not come; nothing is read then.
   * @throws {InvalidTextError} If it is not UTF-8, and `invalidText` is `"reject"`.
   * @throws {InvalidOptionError} If `end` is out of range.
   */
  readTextUntil(end = 0, invalidText: InvalidText = "reject"): string {
    checkOption("end", end, TEXT_END);
    const start = this.#pos;
    let at = start;
    while (at < this.#end && this.#bytes[at] !== end) at++;
    if (at === this.#end) {
      throw new ReadOutOfBoundsError(
        `Cannot read up to a byte ${end} at offset ${this.offset}: none follows`,
      );
    }
    this.#pos = at + 1;
    return decodeText(this.#bytes, start, at, invalidText);
  }

  /**
   * Reads bytes.
   *
   * @param size How many; by default all that are left.
   * @returns A copy, which is the caller's.
   */
  readBytes(size: number = this.remaining): Uint8Array {
    const at = this.#take(size);
    return viewOf(this.#bytes, at, this.#pos).slice();
  }

  /**
   * Reads bytes without a copy.
   *
   * @param size How many; by default all that are left.
   * @returns A view of the bytes, valid as long as they are: those of a received
   * message are valid until its handler returns, and a later message may be shown by
   * the same object.
   */
  readView(size: number = this.remaining): Uint8Array {
    const at = this.#take(size);
    return viewOf(this.#bytes, at, this.#pos);
  }

  /** Goes on by `count` bytes: returns where they begin. */
  #take(count: number): number {
    const at = this.#pos;
    const pos = at + count;
    if (!(pos <= this.#end && count >>> 0 === count)) {
      throw new ReadOutOfBoundsError(
        `Cannot read ${
          textOf(count)
        } bytes at offset ${this.offset} of a frame of ${
          this.#end - this.#start
        }`,
      );
    }
    this.#pos = pos;
    return at;
  }

  /** Puts the next `count` bytes, 4 or 8, into `wide`. */
  #takeWide(count: number): void {
    const at = this.#take(count);
    wide.setUint32(0, get32(this.#bytes, at));
    if (count > 4) wide.setUint32(4, get32(this.#bytes, at + 4));
  }
}
