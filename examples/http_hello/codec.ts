// How requests and responses are laid out: a head of lines, and maybe a body.

import { Buffer } from "node:buffer";
import type { ByteWriter, Codec } from "../../mod.ts";
import { MAX_AROUND, walkChunks } from "./chunks.ts";
import { type Head, readHead } from "./head.ts";
import { HttpError, REASONS } from "./http_error.ts";

/** A complete request. */
export interface HttpRequest extends Head {
  readonly body: Uint8Array;
}

/** A response. */
export interface HttpResponse {
  readonly status: number;
  readonly fields?: readonly (readonly [name: string, value: string])[];
  readonly body?: Uint8Array | undefined;
  /** It answers HEAD: the head describes the body, which is not sent. */
  readonly isHead?: boolean;
}

/** Where a request lies whose head was read. */
export interface HttpFrame {
  readonly head: Head;
  /** Counted from its beginning. */
  readonly bodyAt: number;
  readonly size: number;
}

/** The most bytes of a head, with the empty line that ends it. */
export const MAX_HEAD = 16 * 1024;

/** That of most requests. */
const NO_BODY = new Uint8Array(0);

const CR = 0x0d;
const LF = 0x0a;

/**
 * Requests to be received, and answers to be sent. A bad request throws an
 * {@linkcode HttpError}.
 */
export class HttpCodec implements Codec<HttpRequest, HttpResponse> {
  readonly maxFrameSize: number;
  readonly #maxBody: number;
  readonly #onExpected: () => void;

  /** `onExpected` is called when a head has come with `Expect: 100-continue`. */
  constructor(maxBody: number, onExpected: () => void = () => {}) {
    this.#maxBody = maxBody;
    this.#onExpected = onExpected;
    this.maxFrameSize = MAX_HEAD + maxBody + MAX_AROUND;
  }

  frameSize(
    bytes: Uint8Array,
    start: number,
    end: number,
    scanned: number,
  ): number {
    return this.frameAt(bytes, start, end, scanned)?.size ?? 0;
  }

  decode(bytes: Uint8Array, start: number, end: number): HttpRequest {
    const frame = this.frameAt(bytes, start, end, end);
    if (frame === undefined) throw new Error("frameSize found no frame here");
    return this.requestIn(frame, bytes, start);
  }

  /** The frame that begins at `start`, as far as it is known; as `frameSize`. */
  frameAt(
    bytes: Uint8Array,
    start: number,
    end: number,
    scanned: number,
  ): HttpFrame | undefined {
    const body = headEnd(bytes, start, end);
    if (body === 0) return undefined;
    const head = headOf(bytes, start, body);
    const size = this.#sizeOf(head, bytes, start, body, end);
    const isWaiting = size === 0 || start + size > end;
    if (isWaiting && head.expectsContinue && scanned < body) {
      this.#onExpected();
    }
    return size === 0 ? undefined : { head, bodyAt: body - start, size };
  }

  /** The request in a complete frame at `start`. */
  requestIn(
    { head, bodyAt, size }: HttpFrame,
    bytes: Uint8Array,
    start: number,
  ): HttpRequest {
    if (size === bodyAt) return { ...head, body: NO_BODY };
    const [from, end] = [start + bodyAt, start + size];
    if (head.bodySize !== "chunked") {
      return { ...head, body: bytes.slice(from, end) };
    }
    const chunks: Uint8Array[] = [];
    walkChunks(bytes, from, end, this.#maxBody, (from, to) => {
      chunks.push(bytes.subarray(from, to));
    });
    return { ...head, body: Buffer.concat(chunks) };
  }

  encode(
    { status, fields = [], body, isHead }: HttpResponse,
    out: ByteWriter,
  ): void {
    let head = `HTTP/1.1 ${status} ${REASONS[status]}\r\n`;
    for (const [name, value] of fields) head += `${name}: ${value}\r\n`;
    if (body !== undefined) head += `Content-Length: ${body.length}\r\n`;
    out.writeText(`${head}\r\n`);
    if (body !== undefined && !isHead) out.write(body);
  }

  #sizeOf(
    { bodySize }: Head,
    bytes: Uint8Array,
    start: number,
    body: number,
    end: number,
  ): number {
    if (bodySize === "chunked") {
      const next = walkChunks(bytes, body, end, this.#maxBody);
      return next === 0 ? 0 : next - start;
    }
    if (bodySize <= this.#maxBody) return body + bodySize - start;
    throw new HttpError(413, "its body is too large");
  }
}

/** Where the head that begins at `start` ends; 0 if that has not come yet. */
function headEnd(bytes: Uint8Array, start: number, end: number): number {
  const first = firstLine(bytes, start, end);
  const last = Math.min(end, start + MAX_HEAD);
  for (let at = first; at < last; at++) {
    if (bytes[at] !== LF) continue;
    if (at === first || bytes[at - 1] !== CR) {
      throw new HttpError(400, "it has a line that ends without CR");
    }
    if (at - 2 > first && bytes[at - 2] === LF) return at + 1;
  }
  if (end - start < MAX_HEAD) return 0;
  throw new HttpError(431, `its head has more than ${MAX_HEAD} bytes`);
}

/** Skips the empty lines that some clients send after a body. */
function firstLine(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at + 1 < end && bytes[at] === CR && bytes[at + 1] === LF) at += 2;
  return at;
}

function headOf(bytes: Uint8Array, start: number, end: number): Head {
  const from = firstLine(bytes, start, end);
  const text = Buffer.from(
    bytes.buffer,
    bytes.byteOffset + from,
    end - 4 - from,
  );
  return readHead(text.toString("latin1"));
}
