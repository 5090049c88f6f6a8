/**
 * Decoding UTF-8.
 *
 * @module
 */

import { InvalidTextError } from "../api/errors.ts";
import { SHORT_RECEIVED_TEXT } from "../tuning.ts";
import { asciiOf } from "../util/utf8.ts";
import { viewOf } from "./frames.ts";

/**
 * What to do with bytes that are not UTF-8: `"reject"` throws
 * {@linkcode InvalidTextError}, `"replace"` replaces them with U+FFFD.
 *
 * @category Codecs
 */
export type InvalidText = "reject" | "replace";

// Keeps a byte order mark, so that the text is exactly what was sent.
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/** Decodes the bytes from `start` to `end`. */
export function decodeText(
  bytes: Uint8Array,
  start: number,
  end: number,
  invalidText: InvalidText,
): string {
  if (end - start <= SHORT_RECEIVED_TEXT) {
    const text = asciiOf(bytes, start, end);
    if (text !== undefined) return text;
  }
  const view = viewOf(bytes, start, end);
  if (invalidText === "replace") return lenient.decode(view);
  try {
    return strict.decode(view);
  } catch (cause) {
    throw new InvalidTextError(
      `Cannot decode ${end - start} bytes as text: they are not UTF-8`,
      { cause },
    );
  }
}
