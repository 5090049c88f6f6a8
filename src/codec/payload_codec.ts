/**
 * Frames that hold a payload, which may be anything.
 *
 * @module
 */

import type { ByteWriter } from "../api/byte_writer.ts";
import type { Codec, Framing } from "./codec.ts";

/**
 * Writes the payload of a frame.
 *
 * @category Codecs
 */
export interface PayloadEncoder<Message> {
  /**
   * Writes `message`, behind what `writer` has written already.
   *
   * @param message What to send.
   * @param writer Where to write. Offsets for its `setUint32` and the like count
   * from the beginning of what it has written: note its `bytesWritten` before.
   */
  encode(message: Message, writer: ByteWriter): void;
}

/**
 * A framing that tells where in a frame its payload lies, and writes what is
 * around it: what {@linkcode messageCodec} stands on.
 *
 * @category Codecs
 */
export interface PayloadFraming extends Framing {
  /**
   * Where the payload of a frame that is whole begins.
   *
   * @param bytes What was read. Valid during the call only, and not to be changed.
   * @param start Offset of the first byte of the frame.
   * @param end Offset behind its last byte.
   * @returns Offset of the first byte of the payload, `start` to `end`.
   */
  payloadStart(bytes: Uint8Array, start: number, end: number): number;

  /**
   * Where it ends.
   *
   * @param bytes As of `payloadStart`.
   * @param start As of `payloadStart`.
   * @param end As of `payloadStart`.
   * @returns Offset behind the last byte of the payload, up to `end`.
   */
  payloadEnd(bytes: Uint8Array, start: number, end: number): number;

  /**
   * Writes a frame behind what `out` has written already. If this throws, `out`
   * has what it had before.
   *
   * @param message Given to `encoder`.
   * @param encoder Writes the payload, to `out` or to a writer of this framing.
   * @param out Where to write.
   * @throws {CodecError} If it cannot be sent, such as one that is too large. What
   * `encoder` throws is thrown.
   */
  encodeFrame<Message>(
    message: Message,
    encoder: PayloadEncoder<Message>,
    out: ByteWriter,
  ): void;
}

/**
 * A codec whose messages are payloads as they are, and on which others can stand.
 *
 * Where messages are bytes, a received one is a view of what was read: it may be
 * used, and changed, until the handler that is given it returns. What is to stay
 * is copied by `slice()`. What is sent may be any view; it is the caller's again
 * when the call returns.
 *
 * @category Codecs
 */
export interface PayloadCodec<Received = Uint8Array, Sent = Received>
  extends Codec<Received, Sent>, PayloadFraming {}
