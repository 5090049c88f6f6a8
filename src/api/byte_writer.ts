/**
 * The interface of everything that bytes can be written to.
 *
 * @module
 */

/**
 * Appends numbers, bytes and text.
 *
 * Numbers are written as `DataView` writes them, but big-endian by default. Only the
 * bits that fit are written, so a negative number becomes its two's complement: use
 * `writeUint16` for signed numbers, too.
 *
 * A full writer throws: an {@linkcode AutoSendBuffer} throws
 * {@linkcode SendQueueFullError} if it would hold more than `maxSendQueue`, and so
 * could never be sent; a {@linkcode BinaryWriter} throws
 * {@linkcode WriterFullError}. The bytes written before are kept.
 *
 * @category Codecs
 */
export interface ByteWriter {
  /**
   * How many bytes are written so far; for an {@linkcode AutoSendBuffer}, in
   * the next message.
   */
  readonly bytesWritten: number;

  /**
   * Appends a copy of the bytes from `start` (inclusive) to `end` (exclusive).
   *
   * @param bytes Any view. The call copies it, so you may reuse it afterwards.
   * @param start Offset of the first byte, 0 by default.
   * @param end Offset behind the last byte, by default the size of the view.
   * @returns How many bytes were appended.
   * @throws {AutoSendBufferDisposedError} After the end of the scope of an
   * {@linkcode AutoSendBuffer}.
   * @throws {InvalidSliceError} If `bytes` is not a view, or the bytes do not lie
   * within it.
   * @throws {SendQueueFullError} If it is full; all methods below throw it, too.
   * @throws {WriterFullError} The same.
   */
  write(bytes: ArrayBufferView, start?: number, end?: number): number;

  /**
   * Appends a text in UTF-8.
   *
   * @param text What to append. A lone surrogate becomes U+FFFD.
   * @returns How many bytes were appended.
   * @throws {AutoSendBufferDisposedError} As `write`, and so do all methods below.
   * @throws {InvalidSliceError} If it is not a string.
   */
  writeText(text: string): number;

  /**
   * Appends the size of a text, and then the text in UTF-8, as most binary
   * protocols do. {@linkcode BinaryReader.readPrefixedText} reads it.
   *
   * @param text What to append. A lone surrogate becomes U+FFFD.
   * @param bytes How many bytes hold the size, which counts bytes, not characters.
   * @param littleEndian Their order; big-endian by default.
   * @returns How many bytes were appended, including those of the size.
   * @throws {TextTooLongError} If `bytes` bytes cannot hold the size. Whatever this
   * throws, it writes nothing then.
   * @throws {InvalidOptionError} If `bytes` is out of range.
   * @throws {InvalidSliceError} If it is not a string.
   */
  writePrefixedText(
    text: string,
    bytes: 1 | 2 | 3 | 4,
    littleEndian?: boolean,
  ): number;

  /**
   * Appends the low 8 bits of `value`.
   *
   * @param value A number.
   */
  writeUint8(value: number): void;

  /**
   * Appends the low 16 bits of `value`.
   *
   * @param value A number.
   * @param littleEndian The byte order; big-endian by default.
   */
  writeUint16(value: number, littleEndian?: boolean): void;

  /**
   * Appends the low 24 bits of `value`.
   *
   * @param value A number.
   * @param littleEndian The byte order; big-endian by default.
   */
  writeUint24(value: number, littleEndian?: boolean): void;

  /**
   * Appends the low 32 bits of `value`.
   *
   * @param value A number.
   * @param littleEndian The byte order; big-endian by default.
   */
  writeUint32(value: number, littleEndian?: boolean): void;

  /**
   * Appends the low 64 bits of `value`.
   *
   * @param value A bigint.
   * @param littleEndian The byte order; big-endian by default.
   */
  writeBigUint64(value: bigint, littleEndian?: boolean): void;

  /**
   * Appends `value` in single precision.
   *
   * @param value A number.
   * @param littleEndian The byte order; big-endian by default.
   */
  writeFloat32(value: number, littleEndian?: boolean): void;

  /**
   * Appends `value` in double precision.
   *
   * @param value A number.
   * @param littleEndian The byte order; big-endian by default.
   */
  writeFloat64(value: number, littleEndian?: boolean): void;

  /**
   * Overwrites four bytes that are already written with the low 32 bits of `value`,
   * for example the place of a size that is known only now.
   *
   * @param offset Where, counted from the beginning of the message.
   * @param value A number.
   * @param littleEndian The byte order; big-endian by default.
   * @throws {InvalidSliceError} If there are no four bytes at `offset`.
   */
  setUint32(offset: number, value: number, littleEndian?: boolean): void;

  /**
   * Overwrites two bytes with the low 16 bits of `value`.
   *
   * @param offset Where, counted from the beginning of the message.
   * @param value A number.
   * @param littleEndian The byte order; big-endian by default.
   * @throws {InvalidSliceError} If there are no two bytes at `offset`.
   */
  setUint16(offset: number, value: number, littleEndian?: boolean): void;

  /**
   * Overwrites one byte with the low 8 bits of `value`.
   *
   * @param offset Where, counted from the beginning of the message.
   * @param value A number.
   * @throws {InvalidSliceError} If there is no byte at `offset`.
   */
  setUint8(offset: number, value: number): void;

  /**
   * Removes the bytes written last, and keeps the first `size` bytes.
   *
   * @param size How many bytes to keep, 0 to `bytesWritten`.
   * @throws {InvalidSliceError} If it is not such a number.
   */
  truncate(size: number): void;
}
