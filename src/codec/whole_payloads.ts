import type { ByteWriter } from "../api/byte_writer.ts";
import { WriterFullError } from "../api/errors.ts";
import { isA } from "../util/text.ts";
import type { BinaryWriter } from "./binary_writer.ts";
import { checkEncoded, takeBack, tooLarge } from "./frames.ts";
import type { PayloadEncoder, PayloadFraming } from "./payload_codec.ts";
import { SpareWriter } from "./spare_writer.ts";

/**
 * Base of the framings that need a whole payload before they can send its
 * frame: to know its length, or to check that it contains no delimiter.
 */
export abstract class WholePayloads implements PayloadFraming {
  readonly maxFrameSize: number;
  /** Payloads are encoded into this first. */
  readonly #spare: SpareWriter;

  constructor(maxFrameSize: number) {
    this.maxFrameSize = maxFrameSize;
    this.#spare = new SpareWriter(maxFrameSize);
  }

  abstract frameSize(
    bytes: Uint8Array,
    start: number,
    end: number,
    scanned: number,
  ): number;

  abstract payloadStart(bytes: Uint8Array, start: number, end: number): number;

  abstract payloadEnd(bytes: Uint8Array, start: number, end: number): number;

  encodeFrame<Message>(
    message: Message,
    encoder: PayloadEncoder<Message>,
    out: ByteWriter,
  ): void {
    const writer = this.#spare.take();
    try {
      this.#encode(message, encoder, writer);
      this.writeFrame(writer.getWritten(), out);
    } finally {
      this.#spare.giveBack(writer);
    }
  }

  /** Writes the frame of `payload`, or throws and leaves `out` as it was. */
  protected writeFrame(payload: Uint8Array, out: ByteWriter): void {
    const mark = out.bytesWritten;
    try {
      this.writeParts(payload, out);
    } catch (error) {
      takeBack(out, mark);
      throw error;
    }
  }

  /** Writes the frame of `payload`. If it throws, what it has written is removed. */
  protected abstract writeParts(payload: Uint8Array, out: ByteWriter): void;

  /**
   * Throws {@linkcode FrameTooLargeError} if a frame of `size` bytes is too
   * large to send.
   */
  protected checkSent(size: number): void {
    if (size > this.maxFrameSize) {
      throw tooLarge("send", size, this.maxFrameSize);
    }
  }

  #encode<Message>(
    message: Message,
    encoder: PayloadEncoder<Message>,
    writer: BinaryWriter,
  ): void {
    try {
      checkEncoded(encoder.encode(message, writer));
    } catch (cause) {
      if (!isA(cause, WriterFullError)) throw cause;
      const max = this.maxFrameSize;
      throw tooLarge("send", `more than ${max}`, max, { cause });
    }
  }
}
