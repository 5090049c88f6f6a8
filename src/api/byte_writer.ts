/**
 * What bytes are written with, whoever encodes them and wherever they go.
 *
 * @module
 */

/**
 * Appends numbers, bytes and text.
 *
 * Numbers are written as `DataView` writes them: big-endian unless said
 * otherwise, and only the bits that fit, so a negative number becomes its two's
 * complement. So `writeUint16` is there for signed numbers, too.
 *
 * What is full throws: an {@linkcode AutoSendBuffer} that would hold more than
 * `maxSendQueue`, so that it could never be sent, {@linkcode SendQueueFullError}; a
 * {@linkcode BinaryWriter} {@linkcode WriterFullError}. What was written before
 * stays.
 *
 * @category Codecs
 */
export interface ByteWriter {
  /** How many bytes are written of what comes next: the next message, if they are sent. */
  readonly bytesWritten: number;

  /**
   * Appends a copy of the bytes from `start` (inclusive) to `end` (exclusive).
   *
   * @param bytes Any view; it is the caller's again when the call returns.
   * @param start Offset of the first byte, 0 by default.
   * @param end Offset behind the last one, by default the size of the view.
   * @returns How many bytes that was.
   * @throws {AutoSendBufferDisposedError} After the end of the scope of an
   * {@linkcode AutoSendBuffer}.
   * @throws {InvalidSliceError} If `bytes` is not a view, or the bytes do not lie
   * within it.
   * @throws {SendQueueFullError} If it is full; this holds for what is below, too.
   * @throws {WriterFullError} The same.
   */
  write(bytes: ArrayBufferView, start?: number, end?: number): number;

  /**
   * Appends a text in UTF-8.
   *
   * @param text What to append. A lone surrogate becomes U+FFFD.
   * @returns How many bytes that was.
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
   * @returns How many bytes that was, including those of the size.
   * @throws {TextTooLongError} If that many bytes cannot hold the size. Whatever is
   * thrown, nothing is written.
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
   * Writes the low 32 bits of `value` over four bytes that are written already,
   * such as the place of a size that is known only now.
   *
   * @param offset Where, counted from the beginning of the message.
   * @param value A number.
   * @param littleEndian The byte order; big-endian by default.
   * @throws {InvalidSliceError} If there are no four bytes at `offset`.
   */
  setUint32(offset: number, value: number, littleEndian?: boolean): void;

  /**
   * The same with the low 16 bits over two bytes.
   *
   * @param offset Where, counted from the beginning of the message.
   * @param value A number.
   * @param littleEndian The byte order; big-endian by default.
   * @throws {InvalidSliceError} If there are no two bytes at `offset`.
   */
  setUint16(offset: number, value: number, littleEndian?: boolean): void;

  /**
   * The same with the low 8 bits over one byte.
   *
   * @param offset Where, counted from the beginning of the message.
   * @param value A number.
   * @throws {InvalidSliceError} If there is no byte at `offset`.
   */
  setUint8(offset: number, value: number): void;

  /**
   * Takes back what was written last: the first `size` bytes stay.
   *
   * @param size How many bytes stay, 0 to `bytesWritten`.
   * @throws {InvalidSliceError} If it is no such number.
   */
  truncate(size: number): void;
}
