/** Bytes that a socket has borrowed, with a hash that shows changes. */
export class Borrow {
  /** How far the system has taken them. */
  position: number;
  readonly #hash: number;

  readonly buffer: Uint8Array;
  readonly start: number;
  readonly end: number;

  constructor(
    buffer: Uint8Array,
    start: number,
    end: number,
  ) {
    this.buffer = buffer;
    this.start = start;
    this.end = end;
    this.position = start;
    this.#hash = this.#hashNow();
  }

  /** The system has taken all of them. */
  get isDone(): boolean {
    return this.position === this.end;
  }

  /** True if the owner has not changed them. */
  get isIntact(): boolean {
    return this.#hashNow() === this.#hash;
  }

  #hashNow(): number {
    let hash = 0;
    for (let i = this.start; i < this.end; i++) {
      hash = Math.imul(hash ^ this.buffer[i], 0x01000193) + 1;
    }
    return hash;
  }
}
