import { BinaryWriter, type ByteWriter, type Framing } from "../../mod.ts";

/** The bytes that `texts` show: two hexadecimal digits for each, and spaces where one likes. */
export function hex(...texts: string[]): Uint8Array {
  const digits = texts.join("").replaceAll(" ", "");
  return Uint8Array.from(
    digits.match(/../g) ?? [],
    (pair) => parseInt(pair, 16),
  );
}

/** What `encode` writes. */
export function written(encode: (out: ByteWriter) => void): Uint8Array {
  const out = new BinaryWriter();
  encode(out);
  return out.take().slice();
}

/** Where the frames of `stream` begin and end, which comes in reads of `size` bytes. What lies around what is read is not to be looked at. */
export function framesOf(
  framing: Framing,
  stream: Uint8Array,
  size = Infinity,
): [start: number, end: number][] {
  const frames: [number, number][] = [];
  let start = 0;
  let scanned = 0;
  for (let end = 0; end < stream.length;) {
    end = Math.min(end + size, stream.length);
    const read = stream.slice(0, end + 3);
    read.fill(0x0a, end);
    while (start < end) {
      const frame = framing.frameSize(read, start, end, scanned);
      if (frame === 0) scanned = end;
      if (frame === 0 || start + frame > end) break;
      frames.push([start, start + frame]);
      start += frame;
      scanned = start;
    }
  }
  return frames;
}
