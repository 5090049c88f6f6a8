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

import { Signal } from "./async_context.ts";
import {
  afterTurns,
  endOfTurn,
  IMMEDIATES_PER_LOOK,
  TURNS_TO_POLL,
} from "./immediates.ts";

/** Something that reads when it is its turn. */
export interface Reader {
  /** Starts to read; must not throw. */
  read(): void;
}

/** Served at once, so many may mean that tokio put others off. */
const CROWD = 100;

/** So many reads, and as many writes that answer them, are within the 128. */
const GROUP = 64;

/** What goes on in this thread. */
export const traffic = {
  /** How many sockets are open, or being connected. */
  open: 0,
  /** How many operations have completed so far. */
  served: 0,
};

/**
 * Calls back when every operation that tokio could complete at the time of the
 * call is completed: after a look that brought few, or when as many came as the
 * sockets there are could be waiting for.
 */
export function afterPoll(callback: () => void): void {
  const enough = traffic.served + 2 * traffic.open;
  const look = (): void => {
    const { served } = traffic;
    afterTurns(TURNS_TO_POLL, () => {
      const isAll = traffic.served - served < CROWD || traffic.served >= enough;
      if (isAll) callback();
      else look();
    });
  };
  look();
}

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
    if (count === 1 && !this.#crowded) this.#burst.send();
  }

  readonly #endBurst = (): void => {
    this.#crowded = this.#waiting.length >= CROWD;
    if (this.#crowded) return this.#look();
    for (const reader of this.#waiting) reader.read();
    this.#waiting.length = 0;
  };

  /** Ends a burst behind everything that came in it. */
  readonly #burst = new Signal(this.#endBurst);

  readonly #look = (): void => {
    this.#waitingBefore = this.#waiting.length;
    this.#immediates = IMMEDIATES_PER_LOOK;
    this.#spin();
  };

  readonly #spin = (): void => {
    if (this.#immediates-- > 0) endOfTurn(this.#spin);
    else this.#endLook();
  };

  #endLook(): void {
    const came = this.#waiting.length - this.#waitingBefore;
    if (came >= CROWD) return this.#look();
    if (this.#waiting.length < CROWD) return this.#endBurst();
    [this.#round, this.#waiting] = [this.#waiting, this.#round];
    this.#started = 0;
    this.#startGroup();
  }

  readonly #startGroup = (): void => {
    const end = Math.min(this.#started + GROUP, this.#round.length);
    while (this.#started < end) this.#round[this.#started++].read();
    if (end < this.#round.length) {
      endOfTurn(this.#startGroup);
    } else {
      this.#round.length = 0;
      endOfTurn(this.#look);
    }
  };
}
