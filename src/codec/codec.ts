/**
 * What a codec is: how messages lie in a stream of bytes.
 *
 * @module
 */

import type { ByteWriter } from "../api/byte_writer.ts";

/**
 * Tells where one frame ends and the next begins.
 *
 * It keeps no state between calls, so one object serves any number of connections.
 * It works with offsets: nobody has to make a view of the bytes for it.
 *
 * @category Codecs
 */
export interface Framing {
  /** The largest frame in bytes, including everything around its payload. 1 to 2^30. */
  readonly maxFrameSize: number;

  /**
   * Returns the size of the frame that begins at `start`, if the bytes up to `end`
   * are enough to know it.
   *
   * @param bytes The read buffer. Valid during the call only; do not change it.
   * @param start Offset of the first byte of the frame.
   * @param end Offset behind the last byte received, greater than `start`.
   * @param scanned The `end` of the previous call for this frame, which returned 0;
   * `start` in the first call. A search for the end of the frame can continue here.
   * @returns The size of the whole frame in bytes, 1 to `maxFrameSize`, which may be
   * more than have arrived; 0 if more bytes are needed to know it.
   * @throws {CodecError} If no frame can begin like this: the connection is closed.
   */
  frameSize(
    bytes: Uint8Array,
    start: number,
    end: number,
    scanned: number,
  ): number;
}

/**
 * How messages lie in a stream of bytes: where each ends, what its bytes mean,
 * and how they are written.
 *
 * @category Codecs
 */
export interface Codec<Received, Sent = Received> extends Framing {
  /**
   * Decodes the message of a complete frame.
   *
   * @param bytes The read buffer. Valid during the call only: copy what the message
   * keeps of it, or document until when the message may be used.
   * @param start Offset of the first byte of the frame.
   * @param end Offset behind its last byte.
   * @returns The message.
   * @throws {CodecError} If the frame holds no valid message: the connection is
   * closed.
   */
  decode(bytes: Uint8Array, start: number, end: number): Received;

  /**
   * Appends the frame of `message` to what `out` has written already.
   *
   * @param message What to send.
   * @param out Where to write. If this throws, the caller removes the incomplete
   * frame with `out.truncate`; the codecs of the library have already done so
   * themselves.
   * @throws {CodecError} If the message cannot be sent, for example because it is
   * too large.
   */
  encode(message: Sent, out: ByteWriter): void;
}
