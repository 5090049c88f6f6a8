import { bytesOf, textOf } from "../bytes.ts";

/** Bytes on their way to another thread. Few are a text, since what is small and plain travels together with others. */
export type Chunk = string | Uint8Array;

/** A longer text would travel alone as well. */
const LONGEST_TEXT = 1024;

/** The first `size` bytes of `bytes`. */
export function chunkOf(bytes: Uint8Array, size: number): Chunk {
  return size <= LONGEST_TEXT ? textOf(bytes, 0, size) : bytes.slice(0, size);
}

/** The bytes of `chunk`. */
export function bytesIn(chunk: Chunk): Uint8Array {
  return typeof chunk === "string" ? bytesOf(chunk) : chunk;
}
