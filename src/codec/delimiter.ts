import { FEW_BYTES } from "../tuning.ts";
import { tooLarge } from "./frames.ts";

/** The delimiter of frames of at most `max` bytes, including the delimiter. */
export class Delimiter {
  readonly bytes: Uint8Array;
  readonly #max: number;
  /**
   * The periods of the delimiter: if a payload ends with its first `n` bytes,
   * the receiver finds a delimiter there, which ends within the real one.
   */
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

  /**
   * Returns the offset at which the receiver would find the delimiter before
   * the end of the first `length` bytes of `payload` followed by the delimiter;
   * -1 if nowhere.
   */
  indexIn(payload: Uint8Array, length: number): number {
    const at = this.#search(payload, 0, length);
    if (at >= 0) return at;
    for (const overlap of this.#overlaps) {
      const from = length - overlap;
      if (from >= 0 && this.#begins(payload, from, overlap)) return from;
    }
    return -1;
  }

  /**
   * Returns the first offset of the delimiter between `start` and `end`; -1 if
   * there is none.
   */
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

  /** True if the first `count` bytes of the delimiter are at `at`. */
  #begins(bytes: Uint8Array, at: number, count: number): boolean {
    for (let i = 0; i < count; i++) {
      if (bytes[at + i] !== this.bytes[i]) return false;
    }
    return true;
  }
}

/**
 * Returns the offset of the first `byte` between `start` and `end`; -1 if there
 * is none.
 */
export function indexOfByte(
  bytes: Uint8Array,
  byte: number,
  start: number,
  end: number,
): number {
  // `indexOf` is faster over longer distances, but cannot be told where to
  // stop.
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
