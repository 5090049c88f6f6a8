import { type Codec, CodecError } from "../../mod.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The longest text, in bytes of UTF-8. */
export const MAX_TEXT = 1000;

const HEADER = 2;
const REFUSED = 0xff;

/**
 * Frames of a two-byte size and a text. A text that begins with the byte 0xff
 * cannot be decoded. One that is too long cannot be encoded, which is noticed
 * only when its header is written.
 */
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

/** Encodes `text` as a frame. */
export function frameOf(text: string): Uint8Array {
  const body = encoder.encode(text);
  return Uint8Array.of(body.length >> 8, body.length, ...body);
}

/** Encodes `texts` as consecutive frames. */
export function framesOf(...texts: string[]): Uint8Array {
  return Uint8Array.from(texts.flatMap((text) => [...frameOf(text)]));
}

/** Decodes the texts that a peer has received. */
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
