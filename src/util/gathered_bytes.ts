/** Collects bytes that arrive in pieces. Its memory doubles as needed, so each byte is copied twice on average. */
export class GatheredBytes {
  #memory = new Uint8Array(512);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** A view of all bytes so far; valid until more are added. */
  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#size);
  }

  /** Adds a copy of `piece`. */
  add(piece: Uint8Array): void {
    const size = this.#size + piece.length;
    if (size > this.#memory.length) {
      const larger = new Uint8Array(2 * size);
      larger.set(this.#memory);
      this.#memory = larger;
    }
    this.#memory.set(piece, this.#size);
    this.#size = size;
  }
}
