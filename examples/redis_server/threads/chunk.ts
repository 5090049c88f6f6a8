import { bytesOf, textOf } from "../bytes.ts";

/** Bytes on their way to another thread. Few are a text, since what is small and plain travels together with others. Many are a buffer, not a view: Deno looks at each element of a view that comes in. */
export type Chunk = string | ArrayBuffer;

/** A longer text would travel alone as well. */
const LONGEST_TEXT = 1024;

/** The first `size` bytes of `bytes`. */
export function chunkOf(bytes: Uint8Array, size: number): Chunk {
  if (size <= LONGEST_TEXT) return textOf(bytes, 0, size);
  const copy = new ArrayBuffer(size);
  new Uint8Array(copy).set(bytes.subarray(0, size));
  return copy;
}

/** The bytes of `chunk`. */
export function bytesIn(chunk: Chunk): Uint8Array {
  return typeof chunk === "string" ? bytesOf(chunk) : new Uint8Array(chunk);
}

/** How many bytes `chunk` has. */
export function sizeOf(chunk: Chunk): number {
  return typeof chunk === "string" ? chunk.length : chunk.byteLength;
}
