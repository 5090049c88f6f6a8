import type { ByteWriter, Codec } from "../../mod.ts";
import type {
  HttpCodec,
  HttpFrame,
  HttpRequest,
  HttpResponse,
} from "./codec.ts";
import { HttpError } from "./http_error.ts";

/**
 * The codec of one connection of a server. What is refused is a message, too,
 * which takes all that is there, and is answered. `withRefusals` would do the same,
 * but read each head three times; this reads it once.
 */
export class ServedCodec
  implements Codec<HttpRequest | HttpError, HttpResponse> {
  readonly maxFrameSize: number;
  readonly #codec: HttpCodec;
  /** The frame that was found last, so that its head is read once. */
  #frame: HttpFrame | undefined;
  #error: HttpError | undefined;

  constructor(codec: HttpCodec) {
    this.#codec = codec;
    this.maxFrameSize = codec.maxFrameSize;
  }

  frameSize(
    bytes: Uint8Array,
    start: number,
    end: number,
    scanned: number,
  ): number {
    try {
      this.#frame = this.#codec.frameAt(bytes, start, end, scanned);
      return this.#frame?.size ?? 0;
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      this.#error = error;
      return Math.min(end - start, this.maxFrameSize);
    }
  }

  decode(
    bytes: Uint8Array,
    start: number,
  ): HttpRequest | HttpError {
    if (this.#error !== undefined) return this.#error;
    return this.#codec.requestIn(this.#frame as HttpFrame, bytes, start);
  }

  encode(response: HttpResponse, out: ByteWriter): void {
    this.#codec.encode(response, out);
  }
}
