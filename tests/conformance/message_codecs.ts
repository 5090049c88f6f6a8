import { type Codec, CodecError } from "../../mod.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Texts of at most so many bytes in UTF-8. */
export const MAX_TEXT = 1000;

const HEADER = 2;
const REFUSED = 0xff;

/** Frames of two bytes that tell the size of a text, and the text. A text that begins with the byte 0xff cannot be decoded, and one that is too long not be encoded, which is found out when its header is written. */
export const texts: Codec<string> = {
  maxFrameSize: HEADER + MAX_TEXT,
  frameSize(bytes, start, end) {
    if (end - start < HEADER) return 0;
    const size = 256 * bytes[start] + bytes[start + 1];
    if (size <= MAX_TEXT) return HEADER + size;
    throw new CodecError(`Cannot receive a text of ${size} bytes`);
  },
  decode(bytes, start, end) {
    if (bytes[start + HEADER] === REFUSED) {
      throw new CodecError("Cannot decode a text of no characters");
    }
    return decoder.decode(bytes.subarray(start + HEADER, end));
  },
  encode(message, out) {
    out.writeUint16(0);
    const size = out.writeText(message);
    if (size > MAX_TEXT) {
      throw new CodecError(`Cannot send a text of ${size} bytes`);
    }
    out.setUint16(0, size);
  },
};

/** The frame of `text`. */
export function frameOf(text: string): Uint8Array {
  const body = encoder.encode(text);
  return Uint8Array.of(body.length >> 8, body.length, ...body);
}

/** The frames of `texts`, one behind the other. */
export function framesOf(...texts: string[]): Uint8Array {
  return Uint8Array.from(texts.flatMap((text) => [...frameOf(text)]));
}

/** The texts of what a peer has received. */
export function textsOf(chunks: readonly Uint8Array[]): string[] {
  const bytes = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
  const found: string[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = start + texts.frameSize(bytes, start, bytes.length, start);
    found.push(texts.decode(bytes, start, end));
    start = end;
  }
  return found;
}
