/**
 * Reading numbers, bytes and text from a frame.
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
import { countIs, literalOf } from "../util/text.ts";
import { viewOf } from "./frames.ts";
import { decodeText, type InvalidText } from "./text.ts";

/**
 * ASCII: the only bytes that never occur inside a multi-byte UTF-8 character.
 */
const TEXT_END = integer(0, 127);

/**
 * Reads numbers, bytes and text from a frame, in order.
 *
 * Numbers are read as `DataView` reads them, but big-endian by default. Reading
 * past the end throws {@linkcode ReadOutOfBoundsError} and leaves the position
 * unchanged. A reader allocates nothing but what it returns, and can be reused
 * for any number of frames.
 *
 * @category Codecs
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
   * Creates a reader, optionally for a first frame.
   *
   * @param bytes The bytes that contain the frame. They are not copied: do not
   *   change them while they are being read.
   * @param start Offset of the first byte of the frame, 0 by default.
   * @param end Offset past its last byte, by default the size of `bytes`.
   * @throws {InvalidSliceError} If `bytes` is not a view, or the frame does not
   *   lie within it.
   */
  constructor(bytes: Uint8Array = EMPTY, start?: number, end?: number) {
    this.reset(bytes, start, end);
  }

  /**
   * Starts reading another frame.
   *
   * @param bytes As for the constructor.
   * @param start As for the constructor.
   * @param end As for the constructor.
   * @throws {InvalidSliceError} As for the constructor; the reader then keeps
   *   the previous frame.
   */
  reset(bytes: Uint8Array, start = 0, end?: number): void {
    const source = bytes instanceof Uint8Array ? bytes : asBytes(bytes, "read");
    const { length } = source;
    const to = end === undefined ? length : end;
    // A fast check for the usual case; `checkSlice` reports what is wrong.
    const isWithin = start >>> 0 === start && to >>> 0 === to && start <= to &&
      to <= length;
    if (!isWithin) checkSlice(length, start, to, "read");
    this.#bytes = source;
    this.#start = this.#pos = start;
    this.#end = to;
  }

  /** How many bytes of the frame have been read. */
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
   * Checks that the whole frame has been read.
   *
   * @throws {UnreadBytesError} If any bytes are left.
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
   * @throws {ReadOutOfBoundsError} If no byte is left; all methods below throw
   *   it when too few bytes are left.
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
   * Reads a 32-bit float.
   *
   * @param littleEndian The byte order; big-endian by default.
   * @returns The number.
   */
  readFloat32(littleEndian?: boolean): number {
    this.#takeWide(4);
    return wide.getFloat32(0, littleEndian);
  }

  /**
   * Reads a 64-bit float.
   *
   * @param littleEndian The byte order; big-endian by default.
   * @returns The number.
   */
  readFloat64(littleEndian?: boolean): number {
    this.#takeWide(8);
    return wide.getFloat64(0, littleEndian);
  }

  /**
   * Reads UTF-8 text. For any other encoding, decode the bytes yourself: `new
   * TextDecoder("utf-16le").decode(reader.readView())`.
   *
   * @param size The length of the text in bytes; by default all that are left.
   * @param invalidText What to do with bytes that are not UTF-8: `"reject"`,
   *   the default, throws; `"replace"` replaces them with U+FFFD.
   * @returns The text.
   * @throws {InvalidTextError} If the bytes are not UTF-8 and `invalidText` is
   *   `"reject"`.
   */
  readText(
    size: number = this.remaining,
    invalidText: InvalidText = "reject",
  ): string {
    const at = this.#take(size);
    return decodeText(this.#bytes, at, this.#pos, invalidText);
  }

  /**
   * Reads a length and then UTF-8 text of that length, as written by
   * {@linkcode ByteWriter.writePrefixedText}.
   *
   * @param bytes The width of the length field in bytes. The length counts
   *   bytes, not characters.
   * @param littleEndian The byte order of the length; big-endian by default.
   * @param invalidText As for {@linkcode BinaryReader.readText}.
   * @returns The text.
   * @throws {ReadOutOfBoundsError} If the frame ends before the text does; the
   *   position is then unchanged.
   * @throws {InvalidTextError} If the bytes are not UTF-8 and `invalidText` is
   *   `"reject"`.
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
   * Reads UTF-8 text up to a terminating byte, as in C strings and the fields
   * of many protocols, and skips that byte.
   *
   * @param end The terminator: 0 to 127, default 0. It is not part of the text.
   * @param invalidText As for {@linkcode BinaryReader.readText}.
   * @returns The text, without the terminator.
   * @throws {ReadOutOfBoundsError} If the frame has no such byte; the position
   *   is then unchanged.
   * @throws {InvalidTextError} If the bytes are not UTF-8 and `invalidText` is
   *   `"reject"`.
   * @throws {InvalidOptionError} If `end` is out of range.
   */
  readTextUntil(end = 0, invalidText: InvalidText = "reject"): string {
    checkOption("end", end, TEXT_END);
    const start = this.#pos;
    let at = start;
    while (at < this.#end && this.#bytes[at] !== end) at++;
    if (at === this.#end) {
      throw new ReadOutOfBoundsError(
        `Cannot read up to a byte of value ${end} from offset ${this.offset}: none follows`,
      );
    }
    this.#pos = at + 1;
    return decodeText(this.#bytes, start, at, invalidText);
  }

  /**
   * Reads bytes into a copy.
   *
   * @param size How many; by default all that are left.
   * @returns The copy, which the caller owns.
   */
  readBytes(size: number = this.remaining): Uint8Array {
    const at = this.#take(size);
    return viewOf(this.#bytes, at, this.#pos).slice();
  }

  /**
   * Reads bytes without copying them.
   *
   * @param size How many; by default all that are left.
   * @returns A view that is valid as long as the bytes of the frame are. In a
   *   received message that is until its handler returns; a later message may
   *   reuse the view object.
   */
  readView(size: number = this.remaining): Uint8Array {
    const at = this.#take(size);
    return viewOf(this.#bytes, at, this.#pos);
  }

  /** Advances by `count` bytes. Returns the offset of the first one. */
  #take(count: number): number {
    const at = this.#pos;
    const pos = at + count;
    if (!(pos <= this.#end && count >>> 0 === count)) {
      throw new ReadOutOfBoundsError(
        `Cannot read ${
          literalOf(count)
        } bytes at offset ${this.offset} of a frame of ${
          this.#end - this.#start
        }`,
      );
    }
    this.#pos = pos;
    return at;
  }

  /** Copies the next `count` bytes, 4 or 8, to `wide`. */
  #takeWide(count: number): void {
    const at = this.#take(count);
    wide.setUint32(0, get32(this.#bytes, at));
    if (count > 4) wide.setUint32(4, get32(this.#bytes, at + 4));
  }
}
