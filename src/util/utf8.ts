/** Encodes texts as UTF-8. */
export const encoder: TextEncoder = new TextEncoder();

/** So many bytes has a unit of a text, which is one of UTF-16, at most. */
export const MAX_BYTES_PER_UNIT = 3;

const FIRST_NOT_ASCII = 0x80;

/** Puts the characters of `text` at `at`, one byte for each; false if one of them needs more. */
export function putAscii(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= FIRST_NOT_ASCII) return false;
    bytes[at + i] = code;
  }
  return true;
}

/** The bytes from `start` to `end` as characters, one for each; undefined if one of them is none by itself. */
export function asciiOf(
  bytes: Uint8Array,
  start: number,
  end: number,
): string | undefined {
  let text = "";
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte >= FIRST_NOT_ASCII) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}
