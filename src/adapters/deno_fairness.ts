/**
 * Who reads next when many sockets are busy on Deno.
 *
 * Tokio lets a task complete 128 operations at a time, puts the others off,
 * and comes back to the last put off first. Sockets that read again as soon as
 * they were served stay in front: of 500 busy ones the unlucky wait a second.
 *
 * So they read in rounds. When many were served at once, none of them reads
 * again before all others that are ready were served too, and then they read
 * in small groups, whose operations mostly complete on the spot.
 *
 * @module
 */

/** Something that reads when it is its turn. */
export interface Reader {
  /** Starts to read; must not throw. */
  read(): void;
}

/** What is used of the host, so that no types of a runtime are needed. */
const host = globalThis as unknown as {
  setImmediate(callback: () => void): unknown;
};

/** Served at once, so many may mean that tokio put others off. */
const CROWD = 100;

/** So many reads, and as many writes that answer them, are within the 128. */
const GROUP = 64;

/**
 * Tokio looks for events, and takes up what it put off, only when it has
 * nothing else to do or has polled 61 tasks. Each immediate is such a poll;
 * one more lets what came be served. Unlike a socket of our own to wake us
 * this needs no permission and leaves nothing open, and costs about as much.
 */
const IMMEDIATES_PER_LOOK = 62;

/** The order in which sockets read. */
export class ReadRounds {
  #waiting: Reader[] = [];
  #round: Reader[] = [];
  #started = 0;
  #crowded = false;
  #waitingBefore = 0;
  #immediates = 0;

  /** Calls `reader.read()` soon, at once if few are ready. */
  join(reader: Reader): void {
    const count = this.#waiting.push(reader);
    // Runs behind everything that came in the same batch.
    if (count === 1 && !this.#crowded) queueMicrotask(this.#endBatch);
  }

  readonly #endBatch = (): void => {
    this.#crowded = this.#waiting.length >= CROWD;
    if (this.#crowded) return this.#look();
    for (const reader of this.#waiting) reader.read();
    this.#waiting.length = 0;
  };

  readonly #look = (): void => {
    this.#waitingBefore = this.#waiting.length;
    this.#immediates = IMMEDIATES_PER_LOOK;
    this.#spin();
  };

  readonly #spin = (): void => {
    if (this.#immediates-- > 0) host.setImmediate(this.#spin);
    else this.#endLook();
  };

  #endLook(): void {
    const came = this.#waiting.length - this.#waitingBefore;
    if (came >= CROWD) return this.#look();
    if (this.#waiting.length < CROWD) return this.#endBatch();
    [this.#round, this.#waiting] = [this.#waiting, this.#round];
    this.#started = 0;
    this.#startGroup();
  }

  readonly #startGroup = (): void => {
    const end = Math.min(this.#started + GROUP, this.#round.length);
    while (this.#started < end) this.#round[this.#started++].read();
    if (end < this.#round.length) {
      host.setImmediate(this.#startGroup);
    } else {
      this.#round.length = 0;
      host.setImmediate(this.#look);
    }
  };
}
