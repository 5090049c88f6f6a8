import { FEW_BYTES } from "../tuning.ts";
import { tooLarge } from "./frames.ts";

/** A delimiter for frames of at most `max` bytes, delimiter included. */
export class Delimiter {
  readonly bytes: Uint8Array;
  readonly #max: number;
  /** How many bytes before the end of a payload it may already begin, so as to end within the delimiter that follows. */
  readonly #overlaps: readonly number[];

  constructor(bytes: Uint8Array, max: number) {
    this.bytes = bytes;
    this.#max = max;
    this.#overlaps = overlapsOf(bytes);
  }

  /** See `Framing.frameSize`. */
  frameSize(
    bytes: Uint8Array,
    start: number,
    end: number,
    scanned: number,
  ): number {
    const { length } = this.bytes;
    const from = Math.max(start, scanned - length + 1);
    const at = this.#search(bytes, from, end);
    const size = at < 0 ? end - start + 1 : at + length - start;
    if (size > this.#max) {
      throw tooLarge("receive", `more than ${this.#max}`, this.#max);
    }
    return at < 0 ? 0 : size;
  }

  /** Where in the first `length` bytes of `payload` the receiver would find it, given that it follows them; -1 if nowhere. */
  indexIn(payload: Uint8Array, length: number): number {
    const at = this.#search(payload, 0, length);
    if (at >= 0) return at;
    for (const overlap of this.#overlaps) {
      const from = length - overlap;
      if (from >= 0 && this.#begins(payload, from, overlap)) return from;
    }
    return -1;
  }

  /** Where it lies between `start` and `end` first; -1 if nowhere. */
  #search(bytes: Uint8Array, start: number, end: number): number {
    const [first] = this.bytes;
    const { length } = this.bytes;
    const last = end - length;
    for (let from = start; from <= last; from++) {
      from = indexOfByte(bytes, first, from, end);
      if (from < 0 || from > last) return -1;
      if (this.#begins(bytes, from, length)) return from;
    }
    return -1;
  }

  /** True if its first `count` bytes are at `at`. */
  #begins(bytes: Uint8Array, at: number, count: number): boolean {
    for (let i = 0; i < count; i++) {
      if (bytes[at + i] !== this.bytes[i]) return false;
    }
    return true;
  }
}

/** Offset of the first `byte` between `start` and `end`; -1 if there is none. */
export function indexOfByte(
  bytes: Uint8Array,
  byte: number,
  start: number,
  end: number,
): number {
  // The engine, which is faster, looks to the very end.
  const near = end === bytes.length ? Math.min(end, start + FEW_BYTES) : end;
  for (let at = start; at < near; at++) if (bytes[at] === byte) return at;
  return near < end ? bytes.indexOf(byte, near) : -1;
}

function overlapsOf(delimiter: Uint8Array): number[] {
  const overlaps: number[] = [];
  for (let shift = 1; shift < delimiter.length; shift++) {
    const rest = delimiter.subarray(shift);
    if (rest.every((byte, i) => byte === delimiter[i])) overlaps.push(shift);
  }
  return overlaps;
}
