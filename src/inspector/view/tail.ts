import type { Tap } from "../../api/recorder.ts";
import type { Piece } from "./question.ts";
import { LastOnes } from "./last_ones.ts";

/** The most pieces that are kept until they are requested. */
const MOST_PIECES = 256;

/** How many bytes of each piece are kept. */
const MOST_BYTES = 256;

/** Keeps the latest pieces that one connection receives and sends, the beginning of each. */
export class Tail implements Tap {
  readonly #pieces = new LastOnes<Piece>(MOST_PIECES);

  get count(): number {
    return this.#pieces.count;
  }

  /** The pieces after the first `seen`, as far as they are kept. */
  since(seen: number): Piece[] {
    return [...this.#pieces.since(seen)];
  }

  onReceived(buffer: Uint8Array, length: number): void {
    this.#add("in", buffer, 0, length);
  }

  onSent(buffer: Uint8Array, start: number, end: number): void {
    this.#add("out", buffer, start, end);
  }

  #add(
    direction: Piece["direction"],
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    const shown = Math.min(end, start + MOST_BYTES);
    let bytes = "";
    for (let at = start; at < shown; at++) {
      bytes += buffer[at].toString(16).padStart(2, "0");
    }
    this.#pieces.add({ direction, size: end - start, bytes });
  }
}
