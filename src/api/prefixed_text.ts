import { countOf } from "../util/text.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { asText } from "./bytes.ts";
import { TextTooLongError } from "./errors.ts";
import { checkOption, integer } from "./options/rules.ts";

const WIDTH = integer(1, 4);

/**
 * Throws {@linkcode InvalidOptionError} unless `bytes` is a valid width of a
 * size field.
 */
export function checkWidth(bytes: number): void {
  checkOption("bytes", bytes, WIDTH);
}

/** See `ByteWriter.writePrefixedText`. */
export function writePrefixedText(
  out: ByteWriter,
  text: string,
  bytes: number,
  littleEndian = false,
): number {
  checkWidth(bytes);
  const most = 256 ** bytes - 1;
  // Each character takes at least one byte.
  if (asText(text).length > most) {
    throw tooLong(countOf(text.length, "character"), bytes);
  }
  const start = out.bytesWritten;
  try {
    for (let i = 0; i < bytes; i++) out.writeUint8(0);
    const size = out.writeText(text);
    if (size > most) throw tooLong(countOf(size, "byte"), bytes);
    for (let i = 0; i < bytes; i++) {
      const at = littleEndian ? i : bytes - 1 - i;
      out.setUint8(start + at, size >>> 8 * i);
    }
    return bytes + size;
  } catch (error) {
    if (out.bytesWritten > start) out.truncate(start);
    throw error;
  }
}

function tooLong(size: string, bytes: number): TextTooLongError {
  return new TextTooLongError(
    `Cannot write a text of ${size}: its size field has only ${
      countOf(bytes, "byte")
    }`,
  );
}
