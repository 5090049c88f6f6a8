import { partOf } from "../util/views.ts";

const SMALLEST = 256;

/** The bytes of a stream between two positions, in a buffer that grows on demand. */
export class ByteRing {
  #bytes = new Uint8Array(SMALLEST);
  #start = 0;
  #end = 0;

  /** Appends the bytes from `start` to `end` of `source`. */
  append(source: Uint8Array, start: number, end: number): void {
    this.#reserve(this.#end - this.#start + end - start);
    const mask = this.#bytes.length - 1;
    const at = this.#end & mask;
    const first = Math.min(end - start, this.#bytes.length - at);
    this.#bytes.set(partOf(source, start, start + first), at);
    if (start + first < end) {
      this.#bytes.set(partOf(source, start + first, end), 0);
    }
    this.#end += end - start;
  }

  /** Moves the first `count` bytes to the beginning of `target`. There must be that many. */
  take(target: Uint8Array, count: number): void {
    const at = this.#start & (this.#bytes.length - 1);
    const first = Math.min(count, this.#bytes.length - at);
    target.set(this.#bytes.subarray(at, at + first), 0);
    if (first < count) {
      target.set(this.#bytes.subarray(0, count - first), first);
    }
    this.#start += count;
    if (this.#start === this.#end) this.#start = this.#end = 0;
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    let length = this.#bytes.length;
    while (length < size) length *= 2;
    const count = this.#end - this.#start;
    const bytes = new Uint8Array(length);
    this.take(bytes, count);
    this.#bytes = bytes;
    this.#start = 0;
    this.#end = count;
  }
}
