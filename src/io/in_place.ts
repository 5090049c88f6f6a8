/** The owner of a read buffer. */
export interface BufferOwner {
  /**
   * Gives `bytes` to the caller and returns true, if it is the owner's current
   * buffer.
   */
  giveAway(bytes: Uint8Array): boolean;
}

/**
 * The current large read. Its messages are handed out where they lie, and a
 * connection that sends much of it can take over the buffer instead of copying.
 */
export class InPlace {
  /** The buffer that was read into. */
  buffer: Uint8Array | undefined = undefined;
  /**
   * The view that the handler was given: its message, and everything read after
   * it.
   */
  view: Uint8Array | undefined = undefined;
  #owner: BufferOwner | undefined = undefined;
  #isGivenBack = false;

  /** Starts handing out messages from `buffer`, which belongs to `owner`. */
  begin(buffer: Uint8Array, owner: BufferOwner): void {
    this.buffer = buffer;
    this.#owner = owner;
  }

  /**
   * Ends the read. Returns the buffer if it was taken and has been given back
   * since, so that it is free now.
   */
  end(): Uint8Array | undefined {
    const free = this.#isGivenBack ? this.buffer : undefined;
    this.buffer = this.view = this.#owner = undefined;
    this.#isGivenBack = false;
    return free;
  }

  /**
   * Returns the buffer, which the caller then owns; undefined if it is already
   * taken.
   */
  take(): Uint8Array | undefined {
    const { buffer } = this;
    return buffer !== undefined && this.#owner?.giveAway(buffer)
      ? buffer
      : undefined;
  }

  /**
   * Takes back a buffer from `take`. Returns false if that read is over: then
   * the buffer is free at once.
   */
  giveBack(buffer: Uint8Array): boolean {
    if (buffer !== this.buffer) return false;
    this.#isGivenBack = true;
    return true;
  }
}
