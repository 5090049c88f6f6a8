/**
 * Frames with a length field in their header.
 *
 * @module
 */

import type { ByteWriter } from "../api/byte_writer.ts";
import { InvalidFrameLengthError } from "../api/errors.ts";
import {
  check,
  choice,
  custom,
  flag,
  integer,
  OptionTable,
} from "../api/options/rules.ts";
import { isByteArray, sizeOf } from "../util/views.ts";
import {
  asPayload,
  checkEncoded,
  takeBack,
  tooLarge,
  viewOf,
  writePayload,
} from "./frames.ts";
import { LengthField } from "./length_field.ts";
import type { PayloadCodec, PayloadEncoder } from "./payload_codec.ts";
import { countOf } from "../util/text.ts";

/**
 * Options of {@linkcode lengthPrefixed}. Sizes and offsets are in bytes.
 *
 * @category Codecs
 */
export interface LengthPrefixedOptions {
  /** The width of the length field: 1, 2, 3, 4 or 8. Default 4. */
  readonly bytes?: 1 | 2 | 3 | 4 | 8 | undefined;
  /** The byte order of the length field. Default `"big"`. */
  readonly endian?: "big" | "little" | undefined;
  /** How many bytes precede the length field. 0 to 65535, default 0. */
  readonly offset?: number | undefined;
  /** Added to the length field when a frame is read, and subtracted when one is written. -2^30 to 2^30, default 0. */
  readonly adjust?: number | undefined;
  /**
   * True if the length counts the whole frame, including the length field and
   * what precedes it; false if it counts only what follows. Default false.
   */
  readonly includesHeader?: boolean | undefined;
  /**
   * How many bytes at the beginning of a frame are not part of its payload. 0
   * to 2^30. By default the width of the length field if `offset` is 0;
   * otherwise 0, so that the payload is the whole frame.
   */
  readonly strip?: number | undefined;
  /**
   * The bytes to send in place of those that `strip` removes; it must have that
   * size. The length is written into it at `offset`. Required if `strip`
   * removes more than the length field. Received frames are not compared with
   * it.
   */
  readonly header?: Uint8Array | undefined;
  /**
   * The largest frame in bytes, including its header. 1 to 2^30, default 16
   * MiB, or as much as the length field can express if that is less.
   */
  readonly max?: number | undefined;
}

/** The options of {@linkcode lengthPrefixed}. */
export const LENGTH_PREFIXED_OPTIONS: OptionTable<LengthPrefixedOptions> =
  new OptionTable<LengthPrefixedOptions>({
    bytes: choice<1 | 2 | 3 | 4 | 8>([1, 2, 3, 4, 8], 4),
    endian: choice(["big", "little"], "big"),
    offset: integer(0, 65535, 0),
    adjust: integer(-(2 ** 30), 2 ** 30, 0),
    includesHeader: flag(false),
    strip: integer(0, 2 ** 30),
    header: custom<Uint8Array>("a Uint8Array", isByteArray),
    max: integer(1, 2 ** 30, 16 * 2 ** 20),
  });

/**
 * Creates a codec for frames with a length field. It reads every format that
 * Netty's `LengthFieldBasedFrameDecoder` can read, and also writes it.
 *
 * By default, the payload is what follows the length field. If `offset` is set,
 * so that something precedes it, the payload is the whole frame: to send one,
 * leave room for the length, which is then filled in; the other bytes are sent
 * unchanged. The guide to codecs has a drawing of each case.
 *
 * A received frame larger than `max` is refused as soon as its length has
 * arrived; a sent one, before anything is written. An 8-byte length of 2^53 or
 * more is always too large.
 *
 * @param options Where the length field is, and what it counts.
 * @returns The codec. Decoding throws {@linkcode FrameTooLargeError}, or
 *   {@linkcode InvalidFrameLengthError} if a frame would be shorter than its
 *   header. Encoding throws the same errors if the payload is too long, or too
 *   short to contain its part of the header.
 * @throws {InvalidOptionError} If an option is out of range, or conflicts with
 *   the others: no frame is possible, or `header` is missing.
 *
 * @category Codecs
 * @example
 * ```ts
 * import { BinaryWriter, lengthPrefixed } from "@reactio/reactio";
 *
 * const codec = lengthPrefixed({ bytes: 2 });
 * const out = new BinaryWriter();
 * codec.encode(Uint8Array.of(7, 8, 9), out);
 * const frame = out.take();
 * console.log(frame); // 0, 3, 7, 8, 9
 * console.log(codec.frameSize(frame, 0, frame.length, 0)); // 5
 * console.log(codec.decode(frame, 0, frame.length)); // 7, 8, 9
 * ```
 */
export function lengthPrefixed(
  options: LengthPrefixedOptions = {},
): PayloadCodec {
  return new LengthPrefixed(options);
}

/** From here on numbers are not exact, so longer lengths are refused. */
const LEAST_UNSAFE = 2 ** 53;

class LengthPrefixed implements PayloadCodec {
  readonly maxFrameSize: number;
  readonly #field: LengthField;
  /** Offset of the length field in a frame. */
  readonly #offset: number;
  /** The size of a frame minus the value of its length field. */
  readonly #surplus: number;
  /** The size of the smallest frame. */
  readonly #least: number;
  readonly #strip: number;
  /**
   * What to send in place of the stripped bytes; undefined if that is only the
   * length field.
   */
  readonly #header: Uint8Array | undefined;

  constructor(options: LengthPrefixedOptions) {
    const settings = LENGTH_PREFIXED_OPTIONS.fill(options);
    const { bytes: width, endian, offset, adjust, includesHeader, max } =
      settings;
    const known = offset + width;
    this.#field = new LengthField(width, endian === "little");
    this.#offset = offset;
    this.#surplus = adjust + (includesHeader ? 0 : known);
    this.#strip = settings.strip ?? (offset === 0 ? width : 0);
    this.#least = Math.max(known, this.#strip, this.#surplus);
    const most = this.#field.most + this.#surplus;
    const smallest = `${this.#least}, the size of the smallest frame`;
    check("max", max, max >= this.#least, `at least ${smallest}`);
    check(
      "adjust",
      adjust,
      most >= this.#least,
      `large enough for a length field to express ${smallest}`,
    );
    this.maxFrameSize = Math.min(max, most);
    this.#header = this.#headerOf(settings.header);
  }

  frameSize(bytes: Uint8Array, start: number, end: number): number {
    const at = start + this.#offset;
    if (end - at < this.#field.width) return 0;
    const size = this.#field.read(bytes, at) + this.#surplus;
    if (size < this.#least || size > this.maxFrameSize) {
      throw this.#refuse(size);
    }
    return size;
  }

  payloadStart(_bytes: Uint8Array, start: number): number {
    return start + this.#strip;
  }

  payloadEnd(_bytes: Uint8Array, _start: number, end: number): number {
    return end;
  }

  decode(bytes: Uint8Array, start: number, end: number): Uint8Array {
    return viewOf(bytes, start + this.#strip, end);
  }

  encode(payload: Uint8Array, out: ByteWriter): void {
    const bytes = asPayload(payload);
    const count = bytes.length;
    const size = this.#strip + count;
    if (size < this.#least || size > this.maxFrameSize) {
      throw this.#refuseToSend(size);
    }
    const mark = out.bytesWritten;
    const header = this.#header;
    const length = size - this.#surplus;
    try {
      if (header === undefined) this.#field.write(out, length);
      else out.write(header);
      writePayload(bytes, count, out);
      if (header !== undefined) {
        this.#field.set(out, mark + this.#offset, length);
      }
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
    const header = this.#header;
    try {
      if (header === undefined) this.#field.write(out, 0);
      else out.write(header);
      checkEncoded(encoder.encode(message, out));
      const size = out.bytesWritten - mark;
      if (size < this.#least || size > this.maxFrameSize) {
        throw this.#refuseToSend(size);
      }
      this.#field.set(out, mark + this.#offset, size - this.#surplus);
    } catch (error) {
      takeBack(out, mark);
      throw error;
    }
  }

  #refuse(size: number): Error {
    const length = size - this.#surplus;
    if (size > this.maxFrameSize) {
      const shown = length < LEAST_UNSAFE ? size : "2^53 or more";
      return tooLarge("receive", shown, this.maxFrameSize);
    }
    return new InvalidFrameLengthError(
      `Cannot receive a frame of ${
        countOf(size, "byte")
      }, for a length field of ${length}: the smallest has ${this.#least}`,
    );
  }

  #refuseToSend(size: number): Error {
    if (size > this.maxFrameSize) {
      return tooLarge("send", size, this.maxFrameSize);
    }
    return new InvalidFrameLengthError(
      `Cannot send a frame of ${
        countOf(size, "byte")
      }: the smallest has ${this.#least}, because its payload includes the header from byte ${this.#strip} on`,
    );
  }

  #headerOf(given: Uint8Array | undefined): Uint8Array | undefined {
    const strip = this.#strip;
    // How much of the header needs no template, because the length field makes
    // it up.
    const width = this.#offset === 0 ? this.#field.width : 0;
    if (given === undefined && width > 0 && strip === width) return undefined;
    const bytes = given ?? new Uint8Array(Math.min(strip, width));
    check(
      "header",
      given,
      sizeOf(bytes) === strip,
      `the ${strip} bytes to send in place of those that strip removes`,
    );
    return new Uint8Array(bytes);
  }
}
