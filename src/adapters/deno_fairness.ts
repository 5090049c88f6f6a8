/**
 * Fairness between many busy sockets on Deno.
 *
 * Tokio lets a task complete 128 operations at a time, defers the others, and
 * resumes the last deferred one first. Sockets that read again right after they
 * were served stay in front: of 500 busy sockets, the unlucky ones wait a
 * second.
 *
 * So sockets read in rounds. If many were served at once, none of them reads
 * again before all others that are ready have been served. Then they read in
 * small groups, whose operations mostly complete synchronously.
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
import { DENO_CROWD, DENO_READS_AT_ONCE } from "../tuning.ts";

/** A socket that waits for its turn to read. */
export interface Reader {
  /** Starts a read; must not throw. */
  read(): void;
}

/** Counts for all sockets of this thread. */
export const traffic = {
  /** Open sockets, and pending connects. */
  open: 0,
  /** Completed operations. */
  served: 0,
};

/**
 * Calls back when all operations are complete that tokio could complete at the
 * time of the call. That is so after a poll that brought few, or when as many
 * have come as all sockets together could have pending.
 */
export function afterPoll(callback: () => void): void {
  const enough = traffic.served + 2 * traffic.open;
  const look = (): void => {
    const { served } = traffic;
    afterTurns(TURNS_TO_POLL, () => {
      const isAll = traffic.served - served < DENO_CROWD ||
        traffic.served >= enough;
      if (isAll) callback();
      else look();
    });
  };
  look();
}

/** Decides when sockets read. */
export class ReadRounds {
  #waiting: Reader[] = [];
  #round: Reader[] = [];
  #started = 0;
  #crowded = false;
  #waitingBefore = 0;
  #immediates = 0;

  /**
   * Calls `reader.read()`: at the end of the current burst if few are ready,
   * otherwise in the next round.
   */
  join(reader: Reader): void {
    const count = this.#waiting.push(reader);
    if (count === 1 && !this.#crowded) this.#burst.send();
  }

  readonly #endBurst = (): void => {
    this.#crowded = this.#waiting.length >= DENO_CROWD;
    if (this.#crowded) return this.#look();
    for (const reader of this.#waiting) reader.read();
    this.#waiting.length = 0;
  };

  /** Runs in a microtask, after everything that arrived in the same burst. */
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
    if (came >= DENO_CROWD) return this.#look();
    if (this.#waiting.length < DENO_CROWD) return this.#endBurst();
    [this.#round, this.#waiting] = [this.#waiting, this.#round];
    this.#started = 0;
    this.#startGroup();
  }

  readonly #startGroup = (): void => {
    const end = Math.min(
      this.#started + DENO_READS_AT_ONCE,
      this.#round.length,
    );
    while (this.#started < end) this.#round[this.#started++].read();
    if (end < this.#round.length) {
      endOfTurn(this.#startGroup);
    } else {
      this.#round.length = 0;
      endOfTurn(this.#look);
    }
  };
}
