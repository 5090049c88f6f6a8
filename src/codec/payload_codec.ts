/**
 * Frames with an arbitrary payload.
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
   * Appends `message` to what is already in `writer`.
   *
   * @param message The message to send.
   * @param writer Where to write. It may hold other bytes already, and the
   *   offsets of `setUint32` and the like count those, too: read `bytesWritten`
   *   first.
   */
  encode(message: Message, writer: ByteWriter): void;
}

/**
 * A framing that locates the payload in a frame, and writes everything around
 * it. {@linkcode messageCodec} builds on it.
 *
 * @category Codecs
 */
export interface PayloadFraming extends Framing {
  /**
   * Returns where the payload of a complete frame begins.
   *
   * @param bytes The read buffer. Valid during the call only; do not change it.
   * @param start Offset of the first byte of the frame.
   * @param end Offset past its last byte.
   * @returns Offset of the first byte of the payload, `start` to `end`.
   */
  payloadStart(bytes: Uint8Array, start: number, end: number): number;

  /**
   * Returns where the payload of a complete frame ends.
   *
   * @param bytes As for `payloadStart`.
   * @param start As for `payloadStart`.
   * @param end As for `payloadStart`.
   * @returns Offset past the last byte of the payload, up to `end`.
   */
  payloadEnd(bytes: Uint8Array, start: number, end: number): number;

  /**
   * Appends a frame to what is already in `out`. If this throws, `out` is left
   * as it was.
   *
   * @param message Passed to `encoder`.
   * @param encoder Writes the payload, either to `out` or to a temporary
   *   writer.
   * @param out Where to write.
   * @throws {CodecError} If the frame cannot be sent, for example because it is
   *   too large. Errors thrown by `encoder` are passed on.
   */
  encodeFrame<Message>(
    message: Message,
    encoder: PayloadEncoder<Message>,
    out: ByteWriter,
  ): void;
}

/**
 * A codec whose messages are the payloads themselves, on which other codecs can
 * be built.
 *
 * If messages are bytes, a received one is a view of the read buffer: you may
 * use and change it until its handler returns, and a later message may reuse
 * the view object. To keep it, copy it with `slice()`. You may send any view,
 * and may change it as soon as the call returns.
 *
 * @category Codecs
 */
export interface PayloadCodec<Received = Uint8Array, Sent = Received>
  extends Codec<Received, Sent>, PayloadFraming {}
