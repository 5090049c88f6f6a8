/**
 * Lines of text.
 *
 * @module
 */

import type { ByteWriter } from "../api/byte_writer.ts";
import { asText } from "../api/bytes.ts";
import { DelimiterInPayloadError } from "../api/errors.ts";
import { choice, integer, OptionTable } from "../api/options/rules.ts";
import { Delimiter, indexOfByte } from "./delimiter.ts";
import { takeBack } from "./frames.ts";
import type { PayloadCodec } from "./payload_codec.ts";
import { WholePayloads } from "./whole_payloads.ts";
import { decodeText, type InvalidText } from "./text.ts";

/**
 * Options of {@linkcode lines}.
 *
 * @category Codecs
 */
export interface LinesOptions {
  /**
   * The ending of sent lines. Received lines may have either. Default `"\n"`.
   */
  readonly ending?: "\n" | "\r\n" | undefined;
  /**
   * What to do with a line that is not UTF-8: `"reject"` closes the connection
   * with `InvalidTextError`, `"replace"` replaces the invalid bytes with
   * U+FFFD. Default `"reject"`.
   */
  readonly invalidText?: InvalidText | undefined;
  /**
   * The longest line in bytes, not characters, including its ending. 2 to 2^30,
   * default 64 KiB.
   */
  readonly max?: number | undefined;
}

/** The options of {@linkcode lines}. */
export const LINES_OPTIONS: OptionTable<LinesOptions> = new OptionTable<
  LinesOptions
>({
  ending: choice(["\n", "\r\n"], "\n"),
  invalidText: choice(["reject", "replace"], "reject"),
  max: integer(2, 2 ** 30, 64 * 2 ** 10),
});

/**
 * Creates a codec for lines of UTF-8 text: you send and receive strings. A
 * received line may end with LF or CR LF, which is removed. A CR anywhere else
 * is an ordinary character.
 *
 * A line is refused if its first `max` bytes have no LF. A sent text must not
 * contain CR or LF: otherwise untrusted text could smuggle in a line of its
 * own.
 *
 * To parse lines into messages, use this as the framing of
 * {@linkcode messageCodec}.
 *
 * @param options How lines end, and how long they may be.
 * @returns The codec. Decoding throws {@linkcode FrameTooLargeError} or
 *   {@linkcode InvalidTextError}. Encoding throws
 *   {@linkcode FrameTooLargeError}, or {@linkcode DelimiterInPayloadError} if
 *   the text contains a line break.
 * @throws {InvalidOptionError} If an option is out of range.
 *
 * @category Codecs
 * @example
 * ```ts
 * import { BinaryWriter, lines } from "@reactio/reactio";
 *
 * const codec = lines({ max: 512 });
 * const out = new BinaryWriter();
 * codec.encode("hello", out);
 * const frame = out.take(); // 104, 101, 108, 108, 111, 10
 * console.log(codec.decode(frame, 0, frame.length)); // hello
 * ```
 */
export function lines(options: LinesOptions = {}): PayloadCodec<string> {
  return new Lines(options);
}

const CR = 0x0d;
const LF = 0x0a;

class Lines extends WholePayloads implements PayloadCodec<string> {
  readonly #ending: "\n" | "\r\n";
  readonly #invalidText: InvalidText;
  readonly #delimiter: Delimiter;

  constructor(options: LinesOptions) {
    const { ending, invalidText, max } = LINES_OPTIONS.fill(options);
    super(max);
    this.#ending = ending;
    this.#invalidText = invalidText;
    this.#delimiter = new Delimiter(Uint8Array.of(LF), max);
  }

  frameSize(
    bytes: Uint8Array,
    start: number,
    end: number,
    scanned: number,
  ): number {
    return this.#delimiter.frameSize(bytes, start, end, scanned);
  }

  payloadStart(_bytes: Uint8Array, start: number): number {
    return start;
  }

  payloadEnd(bytes: Uint8Array, start: number, end: number): number {
    const last = end - 1;
    return last > start && bytes[last - 1] === CR ? last - 1 : last;
  }

  decode(bytes: Uint8Array, start: number, end: number): string {
    const last = this.payloadEnd(bytes, start, end);
    return decodeText(bytes, start, last, this.#invalidText);
  }

  encode(text: string, out: ByteWriter): void {
    const { length } = asText(text);
    if (text.includes("\n") || text.includes("\r")) {
      throw lineBreak(`${length} characters`);
    }
    // A lower bound: a character takes at least one byte.
    this.#checkLine(length);
    const mark = out.bytesWritten;
    try {
      this.#checkLine(out.writeText(text));
      this.#writeEnding(out);
    } catch (error) {
      takeBack(out, mark);
      throw error;
    }
  }

  protected override writeParts(payload: Uint8Array, out: ByteWriter): void {
    const { length } = payload;
    const isBroken = indexOfByte(payload, LF, 0, length) >= 0 ||
      indexOfByte(payload, CR, 0, length) >= 0;
    if (isBroken) throw lineBreak(`${length} bytes`);
    this.#checkLine(length);
    out.write(payload);
    this.#writeEnding(out);
  }

  #checkLine(size: number): void {
    this.checkSent(size + this.#ending.length);
  }

  #writeEnding(out: ByteWriter): void {
    if (this.#ending === "\r\n") out.writeUint8(CR);
    out.writeUint8(LF);
  }
}

function lineBreak(what: string): DelimiterInPayloadError {
  return new DelimiterInPayloadError(
    `Cannot send ${what} as one line: they contain a line break`,
  );
}
