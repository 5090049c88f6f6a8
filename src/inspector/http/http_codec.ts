import type { ByteWriter } from "../../api/byte_writer.ts";
import type { Codec } from "../../codec/codec.ts";
import { Delimiter } from "../../codec/delimiter.ts";
import { withoutBlanks } from "../../util/text.ts";
import { encoder } from "../../util/utf8.ts";
import {
  BadRequest,
  type HttpAnswer,
  type HttpRequest,
  REASONS,
} from "./http_message.ts";

/** The most bytes of a head: request line, fields and the empty line. */
const MAX_HEAD = 8192;

/** The most bytes of a body. */
const MAX_BODY = 4096;

const END_OF_HEAD = Uint8Array.of(13, 10, 13, 10);

const REQUEST_LINE = /^([A-Z]{1,16}) (\/[\x21-\x7e]*) HTTP\/1\.1$/;
const OTHER_VERSION = / HTTP\/(?!1\.1$)\d\.\d$/;
const FIELD = /^([\w!#$%&'*+.^`|~-]+):([^\r\n\0]*)$/;

/**
 * Sent with every answer. The page runs, shows and requests only what is its own
 * (Content Security Policy Level 3), no other page may show it, and nothing is
 * cached.
 */
const FIELDS = [
  "Cache-Control: no-store",
  "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy: same-origin",
  "Referrer-Policy: no-referrer",
  "X-Content-Type-Options: nosniff",
];

/**
 * The part of HTTP/1.1 (RFC 9112) that the page needs: bodies have a
 * `Content-Length`, and connections stay open. Other requests are refused with
 * a {@linkcode BadRequest}, a head that is too long with a
 * `FrameTooLargeError`.
 */
export class HttpCodec implements Codec<HttpRequest, HttpAnswer> {
  readonly maxFrameSize: number = MAX_HEAD + MAX_BODY;
  readonly #head = new Delimiter(END_OF_HEAD, MAX_HEAD);

  frameSize(
    bytes: Uint8Array,
    start: number,
    end: number,
    scanned: number,
  ): number {
    const headSize = this.#head.frameSize(bytes, start, end, scanned);
    if (headSize === 0) return 0;
    const { headers } = headOf(bytes, start, start + headSize);
    return headSize + bodySizeOf(headers);
  }

  decode(bytes: Uint8Array, start: number, end: number): HttpRequest {
    const bodyAt = start + this.#head.frameSize(bytes, start, end, start);
    const body = new TextDecoder().decode(bytes.subarray(bodyAt, end));
    return { ...headOf(bytes, start, bodyAt), body };
  }

  encode(answer: HttpAnswer, out: ByteWriter): void {
    const { status, type, body, field, isHead, isLast } = answer;
    const bytes = encoder.encode(body);
    const head = [
      `HTTP/1.1 ${status} ${REASONS[status]}`,
      `Content-Type: ${type}`,
      `Content-Length: ${bytes.length}`,
      ...FIELDS,
      ...(field === undefined ? [] : [field]),
      ...(isLast ? ["Connection: close"] : []),
    ];
    out.writeText(`${head.join("\r\n")}\r\n\r\n`);
    if (!isHead) out.write(bytes);
  }
}

function headOf(
  bytes: Uint8Array,
  start: number,
  end: number,
): Omit<HttpRequest, "body"> {
  const text = String.fromCharCode(...bytes.subarray(start, end - 4));
  const [requestLine, ...fields] = text.split("\r\n");
  const [, method, target] = REQUEST_LINE.exec(requestLine) ?? [];
  if (method === undefined) {
    throw OTHER_VERSION.test(requestLine)
      ? new BadRequest(505, "another version than HTTP/1.1")
      : new BadRequest(400, "no request line of HTTP/1.1");
  }
  const headers = new Map<string, string>();
  for (const field of fields) {
    const [, name, padded] = FIELD.exec(field) ?? [];
    if (name === undefined) throw new BadRequest(400, "no header field");
    const value = withoutBlanks(padded);
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  const [path] = target.split("?", 1);
  const query = new URLSearchParams(target.slice(path.length));
  return { method, path, query, headers };
}

function bodySizeOf(headers: ReadonlyMap<string, string>): number {
  if (headers.has("transfer-encoding")) {
    throw new BadRequest(
      501,
      "a body in pieces, where Content-Length is needed",
    );
  }
  const length = headers.get("content-length") ?? "0";
  if (!/^\d{1,9}$/.test(length)) throw new BadRequest(400, "no Content-Length");
  const size = Number(length);
  if (size > MAX_BODY) {
    throw new BadRequest(413, `more than ${MAX_BODY} bytes behind its head`);
  }
  return size;
}
