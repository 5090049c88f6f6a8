/**
 * Bytes without frames.
 *
 * @module
 */

import type { ByteWriter } from "../api/byte_writer.ts";
import { checkOption, integer } from "../api/options/rules.ts";
import type { Codec } from "./codec.ts";

/**
 * Creates a codec without frames: each chunk of bytes that comes in is a
 * message. Use it to forward bytes unchanged, and for web streams of bytes.
 *
 * @param max The largest received chunk in bytes. 1 to 2^30, default 64 KiB.
 *   Sent messages may have any size.
 * @returns The codec. It decodes to a view of the read buffer, which is valid
 *   until the handler of the message returns.
 * @throws {InvalidOptionError} If `max` is out of range.
 *
 * @category Codecs
 * @example
 * ```ts
 * import { unframed } from "@reactio/reactio";
 *
 * console.log(unframed().frameSize(new Uint8Array(10), 4, 10, 4)); // 6
 * ```
 */
export function unframed(max: number = 64 * 2 ** 10): Codec<Uint8Array> {
  checkOption("max", max, integer(1, 2 ** 30));
  return new Unframed(max);
}

class Unframed implements Codec<Uint8Array> {
  readonly maxFrameSize: number;

  constructor(max: number) {
    this.maxFrameSize = max;
  }

  frameSize(_bytes: Uint8Array, start: number, end: number): number {
    return Math.min(end - start, this.maxFrameSize);
  }

  decode(bytes: Uint8Array, start: number, end: number): Uint8Array {
    return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
  }

  encode(message: Uint8Array, out: ByteWriter): void {
    out.write(message);
  }
}
