/** Bytes that a socket has borrowed, with a hash that shows changes. */
export class BorrowedWrite {
  /** How many of them the system has taken. */
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

  get isDone(): boolean {
    return this.position === this.end;
  }

  /** False if the owner has changed them. */
  get isIntact(): boolean {
    return this.#hashNow() === this.#hash;
  }

  /** Hashes four bytes at a time. Each step is one-to-one, so no single change is missed. */
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
