/** Bytes that a socket has borrowed, and what they were then. */
export class Borrow {
  /** How far they are with the system. */
  position: number;
  readonly #hash: number;

  constructor(
    readonly buffer: Uint8Array,
    readonly start: number,
    readonly end: number,
  ) {
    this.position = start;
    this.#hash = this.#hashNow();
  }

  /** All of them are with the system. */
  get isDone(): boolean {
    return this.position === this.end;
  }

  /** True if the owner has left them alone. */
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
