import type { ByteWriter, Codec } from "../../mod.ts";
import type { HttpCodec, HttpRequest, HttpResponse } from "./codec.ts";
import { HttpError } from "./http_error.ts";

/** The codec of one connection of a server: what is no request is a message, too, which takes all that is there, and is answered. */
export class ServedCodec
  implements Codec<HttpRequest | HttpError, HttpResponse> {
  readonly maxFrameSize: number;
  readonly #codec: HttpCodec;
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
      return this.#codec.frameSize(bytes, start, end, scanned);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      this.#error = error;
      return Math.min(end - start, this.maxFrameSize);
    }
  }

  decode(
    bytes: Uint8Array,
    start: number,
    end: number,
  ): HttpRequest | HttpError {
    return this.#error ?? this.#codec.decode(bytes, start, end);
  }

  encode(response: HttpResponse, out: ByteWriter): void {
    this.#codec.encode(response, out);
  }
}
