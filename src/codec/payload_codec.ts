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
   * Appends `message` to what `writer` has written already.
   *
   * @param message What to send.
   * @param writer Where to write. Offsets for its `setUint32` and the like count
   * from the beginning of everything it has written, so read its `bytesWritten`
   * first.
   */
  encode(message: Message, writer: ByteWriter): void;
}

/**
 * A framing that tells where the payload lies in a frame, and writes what surrounds
 * it. {@linkcode messageCodec} is built on it.
 *
 * @category Codecs
 */
export interface PayloadFraming extends Framing {
  /**
   * Returns where the payload of a complete frame begins.
   *
   * @param bytes The read buffer. Valid during the call only; do not change it.
   * @param start Offset of the first byte of the frame.
   * @param end Offset behind its last byte.
   * @returns Offset of the first byte of the payload, `start` to `end`.
   */
  payloadStart(bytes: Uint8Array, start: number, end: number): number;

  /**
   * Returns where it ends.
   *
   * @param bytes As for `payloadStart`.
   * @param start As for `payloadStart`.
   * @param end As for `payloadStart`.
   * @returns Offset behind the last byte of the payload, up to `end`.
   */
  payloadEnd(bytes: Uint8Array, start: number, end: number): number;

  /**
   * Appends a frame to what `out` has written already. If this throws, `out` is as
   * it was before.
   *
   * @param message Passed to `encoder`.
   * @param encoder Writes the payload, to `out` or to a writer of this framing.
   * @param out Where to write.
   * @throws {CodecError} If the frame cannot be sent, for example because it is too
   * large. Errors of `encoder` are passed on.
   */
  encodeFrame<Message>(
    message: Message,
    encoder: PayloadEncoder<Message>,
    out: ByteWriter,
  ): void;
}

/**
 * A codec whose messages are the payloads themselves. Other codecs can be built on
 * it.
 *
 * Where messages are bytes, a received message is a view of the read buffer: you may
 * use and change it until the handler that got it returns; a later message may be
 * shown by the same object. To keep it, copy it with
 * `slice()`. You may send any view; it is yours again when the call returns.
 *
 * @category Codecs
 */
export interface PayloadCodec<Received = Uint8Array, Sent = Received>
  extends Codec<Received, Sent>, PayloadFraming {}
