import { bytesOf, textOf } from "../bytes.ts";

/** Bytes for another thread. If they are few, they are a string, since small plain data travels in batches. */
export type Chunk = string | Uint8Array;

/** A longer string would not travel in a batch, either. */
const LONGEST_TEXT = 1024;

/** The first `size` bytes of `bytes`. */
export function chunkOf(bytes: Uint8Array, size: number): Chunk {
  return size <= LONGEST_TEXT ? textOf(bytes, 0, size) : bytes.slice(0, size);
}

/** The bytes of `chunk`. */
export function bytesIn(chunk: Chunk): Uint8Array {
  return typeof chunk === "string" ? bytesOf(chunk) : chunk;
}
