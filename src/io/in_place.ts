/** Owns the buffer of a read. */
export interface BufferOwner {
  /** True if `bytes` is the buffer, which is the caller's from now on. */
  giveAway(bytes: Uint8Array): boolean;
}

/** The large read in hand, whose messages are handed out where they were read: who sends large parts of it may take over the buffer instead of copying them. */
export class InPlace {
  /** What was read into. */
  buffer: Uint8Array | undefined = undefined;
  /** The message that a handler is given in place, with all that was read after it. */
  view: Uint8Array | undefined = undefined;
  #owner: BufferOwner | undefined = undefined;
  #isGivenBack = false;

  /** Messages of `buffer`, which `owner` has or had, are handed out from now on. */
  begin(buffer: Uint8Array, owner: BufferOwner): void {
    this.buffer = buffer;
    this.#owner = owner;
  }

  /** All was handed out; returns the buffer if it was given back meanwhile. */
  end(): Uint8Array | undefined {
    const free = this.#isGivenBack ? this.buffer : undefined;
    this.buffer = this.view = this.#owner = undefined;
    this.#isGivenBack = false;
    return free;
  }

  /** The buffer if it is the caller's from now on; undefined if somebody else has taken it. */
  take(): Uint8Array | undefined {
    const { buffer } = this;
    return buffer !== undefined && this.#owner?.giveAway(buffer)
      ? buffer
      : undefined;
  }

  /** Takes back what was taken; false if it is not read from any more, and free. */
  giveBack(buffer: Uint8Array): boolean {
    if (buffer !== this.buffer) return false;
    this.#isGivenBack = true;
    return true;
  }
}
