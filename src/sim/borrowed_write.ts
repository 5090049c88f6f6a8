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

  /** Four bytes a step: each step is one-to-one, so a change of one is never missed. */
  #hashNow(): number {
    const { buffer: bytes, end } = this;
    let hash = 0;
    let i = this.start;
    for (; i + 4 <= end; i += 4) {
      const word = bytes[i] | bytes[i + 1] << 8 | bytes[i + 2] << 16 |
        bytes[i + 3] << 24;
      hash = Math.imul(hash ^ word, 0x01000193) + 1;
    }
    for (; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193) + 1;
    return hash;
  }
}
