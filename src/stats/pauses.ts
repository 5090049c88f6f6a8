/** The pauses of one connection, and how long they were. */
export class Pauses {
  #count = 0;
  #ms = 0;
  /** Since when it is paused; undefined while it is not. */
  #since: number | undefined = undefined;

  get count(): number {
    return this.#count;
  }

  get isPaused(): boolean {
    return this.#since !== undefined;
  }

  /** Milliseconds of all, that which lasts included. */
  msUntil(now: number): number {
    return this.#ms + (this.#since === undefined ? 0 : now - this.#since);
  }

  begin(now: number): void {
    this.#count++;
    this.#since = now;
  }

  end(now: number): void {
    this.#ms = this.msUntil(now);
    this.#since = undefined;
  }
}
