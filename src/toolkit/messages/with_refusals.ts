/**
 * Messages instead of errors for what a codec refuses.
 *
 * @module
 */

import { CodecError } from "../../api/errors.ts";
import type { ByteWriter } from "../../api/byte_writer.ts";
import type { Codec } from "../../codec/codec.ts";
import { checkFrameSize } from "../../codec/frames.ts";
import { checkCodec } from "./check_codec.ts";

/**
 * Wraps a codec so that what it refuses becomes a message, namely the error. So
 * the peer can be told before the connection is closed.
 *
 * That message takes everything that has come in, up to `maxFrameSize`, since
 * nobody knows where the next one would begin. So answer it, and close: with
 * `peer.drain()` in `serve`, which lets earlier answers go out first, and with
 * `ctx.close()` elsewhere. Anything thrown that is not a {@linkcode CodecError}
 * is thrown as before.
 *
 * The end of each frame is looked for twice. If only the contents of a complete
 * frame are wrong, such as an unknown command, it is better to decode it as a
 * message of its own.
 *
 * @param codec Reads and writes all other messages. Test it with `testCodec`
 * unwrapped.
 * @returns The codec. It writes what `codec` writes.
 * @throws {InvalidCodecError} If `codec` is not a codec.
 *
 * @category Codecs
 * @example
 * ```ts
 * import { CodecError, lines, serve, withRefusals } from "@reactio/reactio";
 *
 * const server = serve(withRefusals(lines({ max: 100 })), (line, peer) => {
 *   if (!(line instanceof CodecError)) return line.toUpperCase();
 *   peer.drain(); // this is the last answer
 *   return `error: ${line.message}`;
 * });
 * console.log(server.requestCount); // 0
 * ```
 */
export function withRefusals<Received, Sent>(
  codec: Codec<Received, Sent>,
): Codec<Received | CodecError, Sent> {
  checkCodec(codec);
  return new RefusalCodec(codec);
}

class RefusalCodec<Received, Sent>
  implements Codec<Received | CodecError, Sent> {
  readonly maxFrameSize: number;
  readonly #codec: Codec<Received, Sent>;

  constructor(codec: Codec<Received, Sent>) {
    this.#codec = codec;
    this.maxFrameSize = codec.maxFrameSize;
  }

  frameSize(
    bytes: Uint8Array,
    start: number,
    end: number,
    scanned: number,
  ): number {
    const size = orRefusal(() => this.#sizeOf(bytes, start, end, scanned));
    if (typeof size === "number") return size;
    return Math.min(end - start, this.maxFrameSize);
  }

  decode(
    bytes: Uint8Array,
    start: number,
    end: number,
  ): Received | CodecError {
    return orRefusal(() => {
      this.#sizeOf(bytes, start, end, start); // refuses it once more
      return this.#codec.decode(bytes, start, end);
    });
  }

  encode(message: Sent, out: ByteWriter): void {
    return this.#codec.encode(message, out);
  }

  /** The size that the codec returns, within the limits of those who read with it. */
  #sizeOf(
    bytes: Uint8Array,
    start: number,
    end: number,
    scanned: number,
  ): number {
    const size = this.#codec.frameSize(bytes, start, end, scanned);
    checkFrameSize(size, end - start, this.maxFrameSize);
    return size;
  }
}

/** What `work` returns, or the `CodecError` that it throws. */
function orRefusal<Result>(work: () => Result): Result | CodecError {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof CodecError) return thrown;
    throw thrown;
  }
}
