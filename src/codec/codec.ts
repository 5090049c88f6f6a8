/**
 * What a codec is: how messages lie in a stream of bytes.
 *
 * @module
 */

import type { ByteWriter } from "../api/byte_writer.ts";

/**
 * Tells where one frame ends and the next begins.
 *
 * It keeps nothing between calls, so one serves any number of connections. It
 * works by offsets: no view of the bytes is made before somebody asks for one.
 *
 * @category Codecs
 */
export interface Framing {
  /** Bytes: no frame is larger, whatever stands around its payload included. 1 to 2^30. */
  readonly maxFrameSize: number;

  /**
   * The size of the frame that begins at `start`, as far as the bytes from there
   * to `end` tell it.
   *
   * @param bytes What was read. Valid during the call only, and not to be changed.
   * @param start Offset of the first byte of the frame.
   * @param end Offset behind the last byte that is there, at least one behind `start`.
   * @param scanned Offset behind the last byte that was there when the answer for
   * this frame was last 0, and `start` if this is the first time: whoever searches
   * goes on from here.
   * @returns Bytes of the whole frame, 1 to `maxFrameSize`, maybe more than are
   * there; 0 if more bytes have to come before it can be told.
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
   * The message of a frame that is whole.
   *
   * @param bytes What was read. Valid during the call only: what the message keeps
   * of it is copied, or the codec says until when it may be used.
   * @param start Offset of the first byte of the frame.
   * @param end Offset behind its last byte.
   * @returns The message.
   * @throws {CodecError} If the frame holds none: the connection is closed.
   */
  decode(bytes: Uint8Array, start: number, end: number): Received;

  /**
   * Writes the frame of `message`, behind what `out` has written already.
   *
   * @param message What to send.
   * @param out Where to write. If this throws, what was written of the frame is
   * taken back by whoever called, by `out.truncate`; the codecs of the library
   * have done so themselves.
   * @throws {CodecError} If it cannot be sent, such as one that is too large.
   */
  encode(message: Sent, out: ByteWriter): void;
}
