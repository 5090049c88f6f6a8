import { bytesOf, textOf } from "../bytes.ts";

/** Bytes on their way to another thread. Few are a text, since what is small and plain travels together with others. */
export type Piece = string | Uint8Array;

/** A longer text would travel alone as well. */
const LONGEST_TEXT = 1024;

/** The first `size` bytes of `bytes`. */
export function pieceOf(bytes: Uint8Array, size: number): Piece {
  return size <= LONGEST_TEXT ? textOf(bytes, 0, size) : bytes.slice(0, size);
}

/** The bytes of `piece`. */
export function bytesIn(piece: Piece): Uint8Array {
  return typeof piece === "string" ? bytesOf(piece) : piece;
}
