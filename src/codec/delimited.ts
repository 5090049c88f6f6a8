/**
 * Frames that end with a delimiter.
 *
 * @module
 */

import type { ByteWriter } from "../api/byte_writer.ts";
import { DelimiterInPayloadError } from "../api/errors.ts";
import { check, integer, OptionTable } from "../api/options/rules.ts";
import { isByteArray, sizeOf } from "../util/views.ts";
import { Delimiter } from "./delimiter.ts";
import { asPayload, viewOf, writePayload } from "./frames.ts";
import type { PayloadCodec } from "./payload_codec.ts";
import { WholePayloads } from "./whole_payloads.ts";
import { countOf } from "../util/text.ts";

/**
 * Options of {@linkcode delimited}.
 *
 * @category Codecs
 */
export interface DelimitedOptions {
  /**
   * The largest frame in bytes, including its delimiter. 1 to 2^30, default 64
   * KiB.
   */
  readonly max?: number | undefined;
}

/** The options of {@linkcode delimited}. */
export const DELIMITED_OPTIONS: OptionTable<DelimitedOptions> = new OptionTable<
  DelimitedOptions
>({ max: integer(1, 2 ** 30, 64 * 2 ** 10) });

/** In bytes. The simple search would be too slow for longer ones. */
const LONGEST_DELIMITER = 256;

/**
 * Creates a codec for frames that end with a delimiter, which the payload must
 * not contain. When more bytes come in, the search for it continues where it
 * stopped.
 *
 * A frame is refused if its first `max` bytes contain no delimiter.
 *
 * @param delimiter 1 to 256 bytes, which are copied.
 * @param options The maximum frame size.
 * @returns The codec. Decoding throws {@linkcode FrameTooLargeError}. Encoding
 *   throws the same, and {@linkcode DelimiterInPayloadError} if the receiver
 *   would find a delimiter before the end of the payload.
 * @throws {InvalidOptionError} If `delimiter` is empty or too long, or `max` is
 *   out of range or less than the size of the delimiter.
 *
 * @category Codecs
 * @example
 * ```ts
 * import { BinaryWriter, delimited } from "@reactio/reactio";
 *
 * const codec = delimited(Uint8Array.of(0));
 * const out = new BinaryWriter();
 * codec.encode(Uint8Array.of(1, 2), out);
 * const frame = out.take(); // 1, 2, 0
 * console.log(codec.decode(frame, 0, frame.length)); // 1, 2
 * ```
 */
export function delimited(
  delimiter: Uint8Array,
  options: DelimitedOptions = {},
): PayloadCodec {
  return new Delimited(delimiter, options);
}

class Delimited extends WholePayloads implements PayloadCodec {
  readonly #delimiter: Delimiter;

  constructor(delimiter: Uint8Array, options: DelimitedOptions) {
    const { max } = DELIMITED_OPTIONS.fill(options);
    const size = isByteArray(delimiter) ? sizeOf(delimiter) : 0;
    check(
      "delimiter",
      delimiter,
      size > 0 && size <= LONGEST_DELIMITER,
      `a Uint8Array of 1 to ${LONGEST_DELIMITER} bytes`,
    );
    check("max", max, max >= size, `at least ${size}, as the delimiter`);
    super(max);
    this.#delimiter = new Delimiter(new Uint8Array(delimiter), max);
  }

  frameSize(
    bytes: Uint8Array,
    start: number,
    end: number,
    scanned: number,
  ): number {
    return this.#delimiter.frameSize(bytes, start, end, scanned);
  }

  payloadStart(_bytes: Uint8Array, start: number): number {
    return start;
  }

  payloadEnd(_bytes: Uint8Array, _start: number, end: number): number {
    return end - this.#delimiter.bytes.length;
  }

  decode(bytes: Uint8Array, start: number, end: number): Uint8Array {
    return viewOf(bytes, start, end - this.#delimiter.bytes.length);
  }

  encode(payload: Uint8Array, out: ByteWriter): void {
    this.writeFrame(asPayload(payload), out);
  }

  protected override writeParts(payload: Uint8Array, out: ByteWriter): void {
    const { length } = payload;
    const { bytes } = this.#delimiter;
    this.checkSent(length + bytes.length);
    const at = this.#delimiter.indexIn(payload, length);
    if (at >= 0) {
      throw new DelimiterInPayloadError(
        `Cannot send ${
          countOf(length, "byte")
        } as one frame: byte ${at} begins a delimiter`,
      );
    }
    writePayload(payload, length, out);
    out.write(bytes);
  }
}
