/**
 * Decoding PROXY headers.
 *
 * @module
 */

import type { ProxyHeader } from "../../contract/proxy.ts";
import { ProxyHeaderError, ProxyHeaderMissingError } from "../../api/errors.ts";
import { EMPTY } from "../../util/empty.ts";
import { get16 } from "../../util/read_numbers.ts";
import { encoder } from "../../util/utf8.ts";
import { parseBinaryHeader } from "./proxy_binary.ts";
import {
  AT,
  MAX_LINE,
  SIGNATURE,
  TEXT_PREFIX,
  VERSION,
} from "./proxy_format.ts";
import { parseTextHeader } from "./proxy_text.ts";

/** The most bytes a PROXY header can have: its fixed part and the largest length. */
export const MAX_PROXY_HEADER: number = AT.body + 0xffff;

const CR = 0x0d;
const LF = 0x0a;

const PREFIX = encoder.encode(TEXT_PREFIX);

/**
 * A decoded PROXY header and its size.
 *
 * @category Codecs
 */
export interface DecodedProxyHeader {
  /** The header. */
  readonly header: ProxyHeader;
  /** Its size in bytes. The client's data follows. */
  readonly size: number;
}

/**
 * Decodes the header at the start of `bytes`, which may have at most
 * `maxBytes`. Returns undefined if it is incomplete. Throws
 * {@linkcode ProxyHeaderError}.
 */
export function decodeHeader(
  bytes: Uint8Array,
  maxBytes: number,
): DecodedProxyHeader | undefined {
  const size = sizeOfHeader(bytes, bytes.length, maxBytes);
  if (size === 0 || size > bytes.length) return undefined;
  return { header: parse(bytes.slice(0, size)), size };
}

/** Assembles a header from several reads. */
export class ProxyHeaderReader {
  readonly #maxBytes: number;
  #kept: Uint8Array = EMPTY;
  #keptCount = 0;
  #size = 0;
  #header: ProxyHeader | undefined = undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The header; undefined until it is complete. */
  get header(): ProxyHeader | undefined {
    return this.#header;
  }

  /**
   * Reads the first `length` bytes of `buffer`, which is not kept. Once the header
   * is complete, returns how many of them belong to it. Throws
   * {@linkcode ProxyHeaderError}.
   */
  read(buffer: Uint8Array, length: number): number | undefined {
    let at = 0;
    while (at < length) {
      const room = this.#roomForNext();
      const count = Math.min(room, length - at);
      this.#kept.set(buffer.subarray(at, at + count), this.#keptCount);
      this.#keptCount += count;
      at += count;
      if (this.#size === 0) {
        this.#size = sizeOfHeader(this.#kept, this.#keptCount, this.#maxBytes);
      }
      const excess = this.#keptCount - this.#size;
      if (this.#size === 0 || excess < 0) continue;
      this.#header = parse(this.#kept.subarray(0, this.#size));
      this.#kept = EMPTY;
      return at - excess;
    }
    return undefined;
  }

  /** Makes room for the next bytes, and returns how many to look at. */
  #roomForNext(): number {
    // A line of maximum length is enough to know the size of either version.
    const wanted = this.#size || MAX_LINE;
    if (this.#kept.length < wanted) {
      const kept = this.#kept;
      this.#kept = new Uint8Array(wanted);
      this.#kept.set(kept);
    }
    return wanted - this.#keptCount;
  }
}

/**
 * Returns the size of the header that begins with the first `count` bytes; 0 if
 * it is still unknown. Throws if they do not begin a header, or it is too
 * large.
 */
function sizeOfHeader(
  bytes: Uint8Array,
  count: number,
  maxBytes: number,
): number {
  if (count === 0) return 0;
  const isText = bytes[0] === PREFIX[0];
  const beginning = isText ? PREFIX : SIGNATURE;
  const known = Math.min(count, beginning.length);
  for (let i = 0; i < known; i++) {
    if (bytes[i] !== beginning[i]) throw noHeader(bytes, count);
  }
  if (known < beginning.length) return 0;
  return isText
    ? sizeOfLine(bytes, count, Math.min(MAX_LINE, maxBytes))
    : sizeOfBinary(bytes, count, maxBytes);
}

function sizeOfLine(bytes: Uint8Array, count: number, max: number): number {
  const end = Math.min(count, max);
  for (let i = PREFIX.length; i < end; i++) {
    if (bytes[i] !== LF) continue;
    if (bytes[i - 1] === CR) return i + 1;
    throw new ProxyHeaderError("Its line ends with LF alone, not with CR LF");
  }
  if (end < max) return 0;
  throw new ProxyHeaderError(`Its line has no end within ${max} bytes`);
}

function sizeOfBinary(bytes: Uint8Array, count: number, max: number): number {
  if (count <= AT.command) return 0;
  const version = bytes[AT.command] >> 4;
  if (version !== VERSION) {
    throw new ProxyHeaderError(
      `Its version is ${version}, not ${VERSION}`,
    );
  }
  if (count < AT.body) return 0;
  const size = AT.body + get16(bytes, AT.length);
  if (size <= max) return size;
  throw new ProxyHeaderError(`It has ${size} bytes, more than ${max}`);
}

/** How many bytes an error message shows. */
const SHOWN = 8;

function noHeader(bytes: Uint8Array, count: number): ProxyHeaderMissingError {
  const shown = Array.from(
    bytes.subarray(0, Math.min(count, SHOWN)),
    (byte) => byte.toString(16).padStart(2, "0"),
  );
  return new ProxyHeaderMissingError(
    `The first bytes are not a PROXY header: ${shown.join(" ")}`,
  );
}

/** Parses the whole header `bytes`, and keeps views of them. */
function parse(bytes: Uint8Array): ProxyHeader {
  return bytes[0] === PREFIX[0]
    ? parseTextHeader(bytes)
    : parseBinaryHeader(bytes);
}
