// How requests are laid out: RESP arrays of bulk strings, or words in a line.
// https://redis.io/docs/latest/develop/reference/protocol-spec/

import { type Codec, CodecError, MessageResult } from "../../mod.ts";
import { bytesOf, textOf } from "./bytes.ts";
import { splitWords } from "./inline_request.ts";

/** The longest argument: that of Redis, less what the longest string of V8 lacks. */
export const MAX_BULK_SIZE = 512 * 1024 * 1024 - 24;
/** The longest request. */
export const MAX_REQUEST_SIZE = 1024 * 1024 * 1024;
const MAX_ARGUMENTS = 1024 * 1024;
const MAX_LINE = 64 * 1024;

/** The lowest integer of 64 bits, about: digits are added up in a double. */
const LOWEST = -(2 ** 63);

const STAR = 0x2a;
const DOLLAR = 0x24;
const CR = 0x0d;
const LF = 0x0a;
const ZERO = 0x30;
const MINUS = 0x2d;

/** A client sent something that is no request. The message is that of Redis. */
export class ProtocolError extends CodecError {
  override readonly name = "ProtocolError";

  constructor(what: string) {
    super(`Protocol error: ${what}`);
  }
}

/**
 * Reads the requests of one connection. It works by offsets, and goes on where it
 * was when more of a request has come in, so each byte is looked at once.
 */
export class RequestParser {
  /** Offsets of the arguments, counted from the beginning of the request. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #count = 0;
  /** How many arguments are still to come. */
  #left = 0;
  /** Where to go on, counted from the beginning; 0 at the beginning. */
  #at = 0;
  /** Words of a line, which have no offsets. */
  #words: string[] | undefined = undefined;
  /** The number that was read last. */
  #number = 0;
  /** Where the next request begins, and its size if that is known. */
  #start = 0;
  #nextSize = 0;

  /**
   * The size of the request at `start`, of which what stands before `end` is there;
   * 0 if it is not known yet. Once it is there, `take` gives its arguments; until
   * then the next call is for the same request, wherever that lies now.
   */
  sizeOf(bytes: Uint8Array, start: number, end: number): number {
    if (this.#at === 0) {
      this.#count = 0;
      this.#words = undefined;
      if (bytes[start] !== STAR) return this.#readLine(bytes, start, end);
      const at = this.#readNumber(bytes, start + 1, end, "multibulk");
      if (at === 0) return 0;
      if (this.#number > MAX_ARGUMENTS) {
        throw new ProtocolError("invalid multibulk length");
      }
      if (this.#number <= 0) return at - start;
      this.#left = this.#number;
      this.#at = at - start;
    }
    return this.#readArguments(bytes, start, end);
  }

  /** The arguments of the request at `start`, whose size is told and which is whole; none if it is empty. The next call is for the next request. */
  take(bytes: Uint8Array, start: number): string[] {
    this.#at = 0;
    if (this.#words !== undefined) return this.#words;
    const count = this.#count;
    const args = new Array<string>(count);
    for (let i = 0; i < count; i++) {
      args[i] = textOf(bytes, start + this.#starts[i], start + this.#ends[i]);
    }
    return args;
  }

  /** The next request of `bytes` that is whole and not empty; undefined if there is none. Throws {@linkcode ProtocolError}. */
  next(bytes: Uint8Array): string[] | undefined {
    const { length } = bytes;
    this.#nextSize = 0;
    while (this.#start < length) {
      const size = this.sizeOf(bytes, this.#start, length);
      if (size === 0 || size > length - this.#start) {
        this.#nextSize = size;
        return undefined;
      }
      const args = this.take(bytes, this.#start);
      this.#start += size;
      if (args.length > 0) return args;
    }
    return undefined;
  }

  /** What becomes of the bytes whose requests were taken; what comes next is behind those. */
  end(): MessageResult {
    const size = this.#start;
    this.#start = 0;
    return size > 0
      ? MessageResult.dropMsgSize(size)
      : MessageResult.expectMsgSize(this.#nextSize);
  }

  #readArguments(bytes: Uint8Array, start: number, end: number): number {
    let at = start + this.#at;
    while (this.#left > 0) {
      if (at >= end) return 0;
      if (bytes[at] !== DOLLAR) {
        const got = String.fromCharCode(bytes[at]);
        throw new ProtocolError(`expected '$', got '${got}'`);
      }
      const body = this.#readNumber(bytes, at + 1, end, "bulk");
      if (body === 0) return 0;
      if (this.#number < 0 || this.#number > MAX_BULK_SIZE) {
        throw new ProtocolError("invalid bulk length");
      }
      const next = body + this.#number + 2;
      if (this.#left === 1 || next <= end) {
        this.#starts[this.#count] = body - start;
        this.#ends[this.#count] = next - 2 - start;
      }
      if (next > end) return this.#left === 1 ? next - start : 0;
      this.#count++;
      this.#left--;
      this.#at = next - start;
      at = next;
    }
    return at - start;
  }

  /** Reads the number at `start`, and returns the offset behind its line; 0 if that is not whole. */
  #readNumber(
    bytes: Uint8Array,
    start: number,
    end: number,
    what: "multibulk" | "bulk",
  ): number {
    const first = bytes[start] === MINUS ? start + 1 : start;
    let value = 0;
    let at = first;
    for (; at < end; at++) {
      const digit = bytes[at] - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at - start > MAX_LINE) {
      const name = what === "bulk" ? "bulk" : "mbulk";
      throw new ProtocolError(`too big ${name} count string`);
    }
    if (at >= end) return 0;
    const hasZero = bytes[first] === ZERO && at > first + 1;
    const isTooLow = first > start && value > -LOWEST;
    if (bytes[at] !== CR || at === first || hasZero || isTooLow) {
      throw new ProtocolError(`invalid ${what} length`);
    }
    this.#number = first > start ? -value : value;
    return at + 2 <= end ? at + 2 : 0;
  }

  #readLine(bytes: Uint8Array, start: number, end: number): number {
    const stop = bytes.indexOf(LF, start);
    const isWhole = stop >= 0 && stop < end;
    if ((isWhole ? stop : end) - start > MAX_LINE) {
      throw new ProtocolError("too big inline request");
    }
    if (!isWhole) return 0;
    const isCrLf = stop > start && bytes[stop - 1] === CR;
    const line = textOf(bytes, start, isCrLf ? stop - 1 : stop);
    this.#words = splitWords(line);
    if (this.#words === undefined) {
      throw new ProtocolError("unbalanced quotes in request");
    }
    return stop + 1 - start;
  }
}

/** Writes a request of these arguments: has `put` take the texts that it is made of. */
export function writeRequest(
  args: readonly string[],
  put: (text: string) => void,
): void {
  put(`*${args.length}\r\n`);
  for (const arg of args) {
    put(`$${arg.length}\r\n`);
    put(arg);
    put("\r\n");
  }
}

/** Requests, each a list of arguments. Stateless, so a request that comes in many parts is read from its beginning for each. */
export const requests: Codec<string[], readonly string[]> = {
  maxFrameSize: MAX_REQUEST_SIZE,
  frameSize: (bytes, start, end) =>
    new RequestParser().sizeOf(bytes, start, end),
  decode(bytes, start, end) {
    const parser = new RequestParser();
    parser.sizeOf(bytes, start, end);
    return parser.take(bytes, start);
  },
  encode: (args, out) =>
    writeRequest(args, (text) => void out.write(bytesOf(text))),
};
