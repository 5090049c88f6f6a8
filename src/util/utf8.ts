/** Encodes texts as UTF-8. */
export const encoder: TextEncoder = new TextEncoder();

/** The most UTF-8 bytes per UTF-16 code unit of a string. */
export const MAX_BYTES_PER_UNIT = 3;

const FIRST_NOT_ASCII = 0x80;

/** Writes `text` at `at`, one byte per character; false if a character needs more. */
export function putAscii(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= FIRST_NOT_ASCII) return false;
    bytes[at + i] = code;
  }
  return true;
}

/** The bytes from `start` to `end` as ASCII; undefined if one of them is not. */
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
