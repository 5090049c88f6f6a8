// The head of an HTTP/1.1 request (RFC 9112), parsed as strictly as allowed:
// whatever a WebSocket client does not need is refused.

import { withoutBlanks } from "../../util/text.ts";

/** The most bytes in the head of a request. */
export const MAX_HEAD = 16 * 2 ** 10;

/** The head of a request. */
export interface RequestHead {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** With its `?`; empty if there is none. */
  readonly query: string;
  /** By lower-case name. Values of repeated headers are joined by ", ". */
  readonly headers: ReadonlyMap<string, string>;
}

const REQUEST = /^([A-Z]+) (\/[!-"$->@-~]*)(\?[!-"$-~]*)? HTTP\/1\.1$/;
const HEADER = /^([!#$%&'*+\-.^`|~\w]+):([ \t!-~\x80-\xff]*)$/;

/** Headers that may not be repeated. */
const SINGLE = new Set([
  "content-length",
  "host",
  "origin",
  "sec-websocket-key",
  "sec-websocket-version",
]);

/**
 * Parses a head, without the empty line at its end. Returns undefined if it is
 * invalid or uses something unsupported.
 */
export function parseHead(text: string): RequestHead | undefined {
  const [first, ...lines] = text.split("\r\n");
  const [, method, path, query = ""] = REQUEST.exec(first) ?? [];
  if (method === undefined) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, written, padded] = HEADER.exec(line) ?? [];
    if (written === undefined) return undefined;
    const value = withoutBlanks(padded);
    const name = written.toLowerCase();
    const before = headers.get(name);
    if (before !== undefined && SINGLE.has(name)) return undefined;
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  const hasBody = headers.has("transfer-encoding") ||
    (headers.get("content-length") ?? "0") !== "0";
  if (hasBody || !headers.has("host")) return undefined;
  return { method, path, query, headers };
}

/** Collects the bytes of a head as they arrive. */
export class HeadReader {
  #bytes = new Uint8Array(512);
  #length = 0;

  /** True if there are more bytes than a head may have. */
  get isTooLarge(): boolean {
    return this.#length > MAX_HEAD;
  }

  /**
   * True if the bytes cannot be a request, for example because they are TLS.
   */
  get isNone(): boolean {
    return this.#length > 0 &&
      !/[A-Z]/.test(String.fromCharCode(this.#bytes[0]));
  }

  /**
   * Takes `length` bytes of `buffer`. Once the head is complete, returns it,
   * and how many of these bytes belong to it.
   */
  take(
    buffer: Uint8Array,
    length: number,
  ): { readonly text: string; readonly taken: number } | undefined {
    const before = this.#length;
    // One byte more than allowed is enough to know that it is too large.
    const count = Math.min(length, MAX_HEAD + 1 - before);
    this.#reserve(before + count);
    this.#bytes.set(buffer.subarray(0, count), before);
    this.#length = before + count;
    const end = this.#findEnd(Math.max(0, before - 3));
    if (end === undefined || end > MAX_HEAD) return undefined;
    const head = this.#bytes.subarray(0, end - 4);
    const text = Array.from(head, (byte) => String.fromCharCode(byte)).join("");
    return { text, taken: end - before };
  }

  /** Returns the offset past the empty line at the end of a head. */
  #findEnd(from: number): number | undefined {
    const bytes = this.#bytes;
    for (let i = from; i + 4 <= this.#length; i++) {
      const isEnd = bytes[i] === 13 && bytes[i + 1] === 10 &&
        bytes[i + 2] === 13 && bytes[i + 3] === 10;
      if (isEnd) return i + 4;
    }
    return undefined;
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(size, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
