import type { ByteWriter } from "../api/byte_writer.ts";
import { WriterFullError } from "../api/errors.ts";
import { isA } from "../util/text.ts";
import { BinaryWriter } from "./binary_writer.ts";
import { refusePromise, tooLarge } from "./frames.ts";
import type { PayloadEncoder, PayloadFraming } from "./payload_codec.ts";

/** The memory of larger payloads is not kept. */
const LARGEST_KEPT = 64 * 1024;

/** Frames that cannot be sent before all of their payload is seen: how long it is, or that it holds no delimiter. */
export abstract class WholePayloads implements PayloadFraming {
  readonly maxFrameSize: number;
  /** Where payloads are encoded; undefined while it is in use. */
  #writer: BinaryWriter | undefined = undefined;

  constructor(maxFrameSize: number) {
    this.maxFrameSize = maxFrameSize;
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
    const max = this.maxFrameSize;
    const writer = this.#writer ?? new BinaryWriter({ max });
    this.#writer = undefined;
    try {
      this.#encode(message, encoder, writer);
      this.writeFrame(writer.getWritten(), out);
    } finally {
      if (writer.bytesWritten <= LARGEST_KEPT) this.#writer = writer;
      writer.clear();
    }
  }

  /** Writes the frame of `payload`, or throws and leaves `out` as it was. */
  protected abstract writeFrame(payload: Uint8Array, out: ByteWriter): void;

  /** Throws {@linkcode FrameTooLargeError} if no frame of `size` bytes may be sent. */
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
      refusePromise(encoder.encode(message, writer));
    } catch (cause) {
      if (!isA(cause, WriterFullError)) throw cause;
      const max = this.maxFrameSize;
      throw tooLarge("send", `more than ${max}`, max, { cause });
    }
  }
}
