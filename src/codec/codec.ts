/**
 * The interfaces of codecs, which find messages in a stream of bytes.
 *
 * @module
 */

import type { ByteWriter } from "../api/byte_writer.ts";

/**
 * Finds the boundaries between frames.
 *
 * It keeps no state between calls, so one object serves any number of
 * connections. It works with offsets, so that no views of the bytes have to be
 * created.
 *
 * @category Codecs
 */
export interface Framing {
  /**
   * The largest frame in bytes, including everything besides its payload. 1 to
   * 2^30.
   */
  readonly maxFrameSize: number;

  /**
   * Returns the size of the frame that begins at `start`, if the bytes up to
   * `end` determine it.
   *
   * @param bytes The read buffer. Valid during the call only; do not change it.
   * @param start Offset of the first byte of the frame.
   * @param end Offset past the last byte received, greater than `start`.
   * @param scanned In the first call for a frame, `start`. Otherwise the `end`
   *   of the previous call, which returned 0: a search for the end of the frame
   *   can continue here.
   * @returns The size of the whole frame in bytes, 1 to `maxFrameSize`, which
   *   may be more than have arrived; 0 if it takes more bytes to know.
   * @throws {CodecError} If no frame can begin like this: the connection is
   *   closed.
   */
  frameSize(
    bytes: Uint8Array,
    start: number,
    end: number,
    scanned: number,
  ): number;
}

/**
 * Defines how messages are framed in a stream of bytes, and how they are
 * decoded and encoded.
 *
 * @category Codecs
 */
export interface Codec<Received, Sent = Received> extends Framing {
  /**
   * Decodes the message of a complete frame.
   *
   * @param bytes The read buffer. Valid during the call only: copy what the
   *   message keeps, or document how long the message may be used.
   * @param start Offset of the first byte of the frame.
   * @param end Offset past its last byte.
   * @returns The message.
   * @throws {CodecError} If the frame does not hold a valid message: the
   *   connection is closed.
   */
  decode(bytes: Uint8Array, start: number, end: number): Received;

  /**
   * Appends the frame of `message` to what is already in `out`.
   *
   * @param message The message to send.
   * @param out Where to write. If this throws, the caller removes the
   *   incomplete frame with `out.truncate`; the codecs of the library have
   *   already done so themselves.
   * @throws {CodecError} If the message cannot be sent, for example because it
   *   is too large.
   */
  encode(message: Sent, out: ByteWriter): void;
}
