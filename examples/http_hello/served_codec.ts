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
  /** The frame that was found last, so that its head is read once; or why it is refused. */
  #found: HttpFrame | HttpError | undefined;

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
    if (!(this.#found instanceof HttpError)) {
      this.#found = this.#find(bytes, start, end, scanned);
    }
    return this.#found instanceof HttpError
      ? Math.min(end - start, this.maxFrameSize)
      : this.#found?.size ?? 0;
  }

  decode(
    bytes: Uint8Array,
    start: number,
  ): HttpRequest | HttpError {
    const found = this.#found;
    if (found instanceof HttpError) return found;
    if (found === undefined) throw new Error("frameSize found no frame here");
    return this.#codec.requestIn(found, bytes, start);
  }

  #find(
    bytes: Uint8Array,
    start: number,
    end: number,
    scanned: number,
  ): HttpFrame | HttpError | undefined {
    try {
      return this.#codec.frameAt(bytes, start, end, scanned);
    } catch (error) {
      if (error instanceof HttpError) return error;
      throw error;
    }
  }

  encode(response: HttpResponse, out: ByteWriter): void {
    this.#codec.encode(response, out);
  }
}
