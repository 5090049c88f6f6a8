/** The number and total time of a connection's pauses. */
export class Pauses {
  #count = 0;
  #ms = 0;
  /** When the current pause began; undefined if there is none. */
  #since: number | undefined = undefined;

  get count(): number {
    return this.#count;
  }

  get isPaused(): boolean {
    return this.#since !== undefined;
  }

  /** Milliseconds of all pauses, including the current one. */
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
