/**
 * Frames that all have the same size.
 *
 * @module
 */

import type { ByteWriter } from "../api/byte_writer.ts";
import { InvalidFrameLengthError } from "../api/errors.ts";
import { checkOption, integer } from "../api/options/rules.ts";
import {
  asPayload,
  checkEncoded,
  takeBack,
  viewOf,
  writePayload,
} from "./frames.ts";
import type { PayloadCodec, PayloadEncoder } from "./payload_codec.ts";
import { countOf } from "../util/text.ts";

/**
 * Creates a codec for frames of exactly `size` bytes, with no header.
 *
 * @param size The frame size in bytes, 1 to 2^30.
 * @returns The codec. Encoding throws {@linkcode InvalidFrameLengthError} if
 *   the payload does not have this size.
 * @throws {InvalidOptionError} If `size` is out of range.
 *
 * @category Codecs
 * @example
 * ```ts
 * import { fixed } from "@reactio/reactio";
 *
 * console.log(fixed(188).frameSize(Uint8Array.of(0x47), 0, 1, 0)); // 188
 * ```
 */
export function fixed(size: number): PayloadCodec {
  return new Fixed(size);
}

class Fixed implements PayloadCodec {
  readonly maxFrameSize: number;

  constructor(size: number) {
    checkOption("size", size, integer(1, 2 ** 30));
    this.maxFrameSize = size;
  }

  frameSize(): number {
    return this.maxFrameSize;
  }

  payloadStart(_bytes: Uint8Array, start: number): number {
    return start;
  }

  payloadEnd(_bytes: Uint8Array, _start: number, end: number): number {
    return end;
  }

  decode(bytes: Uint8Array, start: number, end: number): Uint8Array {
    return viewOf(bytes, start, end);
  }

  encode(payload: Uint8Array, out: ByteWriter): void {
    const bytes = asPayload(payload);
    const { length } = bytes;
    this.#check(length);
    const mark = out.bytesWritten;
    try {
      writePayload(bytes, length, out);
    } catch (error) {
      takeBack(out, mark);
      throw error;
    }
  }

  encodeFrame<Message>(
    message: Message,
    encoder: PayloadEncoder<Message>,
    out: ByteWriter,
  ): void {
    const mark = out.bytesWritten;
    try {
      checkEncoded(encoder.encode(message, out));
      this.#check(out.bytesWritten - mark);
    } catch (error) {
      takeBack(out, mark);
      throw error;
    }
  }

  #check(size: number): void {
    if (size === this.maxFrameSize) return;
    throw new InvalidFrameLengthError(
      `Cannot send a frame of ${
        countOf(size, "byte")
      }: every frame has ${this.maxFrameSize}`,
    );
  }
}
