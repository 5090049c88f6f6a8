/**
 * Measures lines of text, split and decoded by hand or by the codec: `lines.ts
 * hand 100`, `lines.ts codec 100`. Or one long line that comes in pieces of 1
 * KiB, each of which must be searched only once: `lines.ts pieces 1048576`.
 * Prints a line of JSON: nanoseconds per line and per byte.
 */

import process from "node:process";
import { lines } from "../../mod.ts";

const BYTES = 64 * 1024;
const PIECE = 1024;
const WARM_UP_MS = 200;
const RUN_MS = 300;
const LF = 10;

const [how, length] = process.argv.slice(2);
const size = Number(length);
const codec = lines({ max: 2 ** 30 });
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Lines of `size` bytes, including the line feed. */
function linesOf(bytes: number): Uint8Array {
  return new Uint8Array(bytes).map((_, i) =>
    i % size === size - 1 ? LF : 97 + i % 26
  );
}

const read = linesOf(how === "pieces" ? size : Math.floor(BYTES / size) * size);
const pieces: Uint8Array[] = [];
for (let end = PIECE; end <= read.length; end += PIECE) {
  pieces.push(read.subarray(0, end));
}
let characters = 0;

const WAYS: Readonly<Record<string, () => void>> = {
  hand() {
    for (let start = 0; start < read.length;) {
      const end = read.indexOf(LF, start);
      characters += decoder.decode(read.subarray(start, end)).length;
      start = end + 1;
    }
  },
  codec() {
    for (let start = 0; start < read.length;) {
      const frame = codec.frameSize(read, start, read.length, start);
      characters += codec.decode(read, start, start + frame).length;
      start += frame;
    }
  },
  pieces() {
    let scanned = 0;
    for (const piece of pieces) {
      characters += codec.frameSize(piece, 0, piece.length, scanned);
      scanned = piece.length;
    }
  },
};

/** Measures the nanoseconds of one call. */
function measure(run: () => void, ms: number): number {
  const start = performance.now();
  let calls = 0;
  do {
    run();
    calls++;
  } while (performance.now() - start < ms);
  return (performance.now() - start) / calls * 1e6;
}

measure(WAYS[how], WARM_UP_MS);
const nanos = measure(WAYS[how], RUN_MS);
if (characters === 0) throw new Error("no line was found");
console.log(JSON.stringify({
  ns: nanos / (read.length / size),
  nsPerByte: nanos / read.length,
}));
