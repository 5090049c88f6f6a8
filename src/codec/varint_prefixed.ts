/**
 * Frames that begin with their length as a varint.
 *
 * @module
 */

import type { ByteWriter } from "../api/byte_writer.ts";
import { InvalidFrameLengthError } from "../api/errors.ts";
import { integer, OptionTable } from "../api/options/rules.ts";
import { asPayload, tooLarge, viewOf, writePayload } from "./frames.ts";
import type { PayloadCodec } from "./payload_codec.ts";
import { WholePayloads } from "./whole_payloads.ts";

/**
 * Options of {@linkcode varintPrefixed}.
 *
 * @category Codecs
 */
export interface VarintPrefixedOptions {
  /**
   * The largest frame in bytes, including its length. 1 to 2^30, default 16
   * MiB.
   */
  readonly max?: number | undefined;
}

/** The options of {@linkcode varintPrefixed}. */
export const VARINT_PREFIXED_OPTIONS: OptionTable<VarintPrefixedOptions> =
  new OptionTable<VarintPrefixedOptions>({
    max: integer(1, 2 ** 30, 16 * 2 ** 20),
  });

/**
 * Creates a codec for frames that begin with the length of their payload as a
 * varint (LEB128): seven bits in a byte, the lowest first, and the top bit set
 * in all but the last byte. This is how protobuf delimits messages.
 *
 * A varint has at most five bytes. A received varint may be longer than
 * necessary, as in protobuf; a sent one is as short as possible.
 *
 * @param options The maximum frame size.
 * @returns The codec. Decoding throws {@linkcode FrameTooLargeError}, or
 *   {@linkcode InvalidFrameLengthError} if a length has more than five bytes.
 *   Encoding throws {@linkcode FrameTooLargeError}.
 * @throws {InvalidOptionError} If `max` is out of range.
 *
 * @category Codecs
 * @example
 * ```ts
 * import { BinaryWriter, varintPrefixed } from "@reactio/reactio";
 *
 * const out = new BinaryWriter();
 * varintPrefixed().encode(new Uint8Array(300), out);
 * console.log(out.take().subarray(0, 2)); // 0xac, 0x02: 300 is 2 * 128 + 44
 * ```
 */
export function varintPrefixed(
  options: VarintPrefixedOptions = {},
): PayloadCodec {
  return new VarintPrefixed(options);
}

const MOST_BYTES = 5;
const BITS = 7;
const MORE = 0x80;

class VarintPrefixed extends WholePayloads implements PayloadCodec {
  constructor(options: VarintPrefixedOptions) {
    super(VARINT_PREFIXED_OPTIONS.fill(options).max);
  }

  frameSize(bytes: Uint8Array, start: number, end: number): number {
    const last = Math.min(end, start + MOST_BYTES);
    let length = 0;
    let factor = 1;
    for (let at = start; at < last; at++) {
      const byte = bytes[at];
      if (byte < MORE) {
        return this.#checkReceived(at + 1 - start + length + byte * factor);
      }
      length += (byte - MORE) * factor;
      factor *= 2 ** BITS;
    }
    if (end - start < MOST_BYTES) return 0;
    throw new InvalidFrameLengthError(
      `Cannot receive a frame whose length has more than ${MOST_BYTES} bytes`,
    );
  }

  payloadStart(bytes: Uint8Array, start: number): number {
    let at = start;
    while (bytes[at] >= MORE) at++;
    return at + 1;
  }

  payloadEnd(_bytes: Uint8Array, _start: number, end: number): number {
    return end;
  }

  decode(bytes: Uint8Array, start: number, end: number): Uint8Array {
    return viewOf(bytes, this.payloadStart(bytes, start), end);
  }

  encode(payload: Uint8Array, out: ByteWriter): void {
    this.writeFrame(asPayload(payload), out);
  }

  protected override writeParts(payload: Uint8Array, out: ByteWriter): void {
    const { length } = payload;
    this.checkSent(length + sizeOfVarint(length));
    writeVarint(length, out);
    writePayload(payload, length, out);
  }

  #checkReceived(size: number): number {
    if (size <= this.maxFrameSize) return size;
    throw tooLarge("receive", size, this.maxFrameSize);
  }
}

function sizeOfVarint(value: number): number {
  let size = 1;
  for (let rest = value >>> BITS; rest > 0; rest >>>= BITS) size++;
  return size;
}

function writeVarint(value: number, out: ByteWriter): void {
  let rest = value;
  for (; rest >= MORE; rest >>>= BITS) out.writeUint8(rest | MORE);
  out.writeUint8(rest);
}
