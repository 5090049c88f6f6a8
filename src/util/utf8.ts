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
