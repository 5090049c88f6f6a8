// How requests and answers lie in the stream: a head of lines, and maybe a body.

import { Buffer } from "node:buffer";
import type { ByteWriter, Codec } from "../../mod.ts";
import { MAX_AROUND, walkChunks } from "./chunks.ts";
import { type Head, readHead } from "./head.ts";
import { HttpError, REASONS } from "./http_error.ts";

/** A request that is whole. */
export interface HttpRequest extends Head {
  readonly body: Uint8Array;
}

/** An answer. */
export interface HttpResponse {
  readonly status: number;
  readonly fields?: readonly (readonly [name: string, value: string])[];
  readonly body?: Uint8Array | undefined;
  /** The request was one of HEAD: the head says what the body would be. */
  readonly isHead?: boolean;
}

/** Bytes of a head, with the line that ends it. */
export const MAX_HEAD = 16 * 1024;

const CR = 0x0d;
const LF = 0x0a;

/**
 * Requests to be received, and answers to be sent. What is no request throws an
 * {@linkcode HttpError}.
 */
export class HttpCodec implements Codec<HttpRequest, HttpResponse> {
  readonly maxFrameSize: number;
  readonly #maxBody: number;
  readonly #onExpected: () => void;

  /** `onExpected` is called when a head has come whose body waits for a word. */
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
    const body = headEnd(bytes, start, end);
    if (body === 0) return 0;
    const head = headOf(bytes, start, body);
    const { bodySize } = head;
    const isNew = scanned < body;
    if (bodySize !== "chunked") {
      if (bodySize > this.#maxBody) {
        throw new HttpError(413, "its body is too large");
      }
      const next = body + bodySize;
      if (head.expectsContinue && isNew && end < next) this.#onExpected();
      return next - start;
    }
    const next = walkChunks(bytes, body, end, this.#maxBody);
    if (next > 0) return next - start;
    if (head.expectsContinue && isNew) this.#onExpected();
    return 0;
  }

  decode(bytes: Uint8Array, start: number, end: number): HttpRequest {
    const at = headEnd(bytes, start, end);
    const head = headOf(bytes, start, at);
    if (head.bodySize !== "chunked") {
      return { ...head, body: bytes.slice(at, end) };
    }
    const chunks: Uint8Array[] = [];
    walkChunks(bytes, at, end, this.#maxBody, (from, to) => {
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
}

/** Where the head ends that begins at `start`; 0 if that is not there yet. */
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

/** Behind the empty lines that some clients send after a body. */
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
