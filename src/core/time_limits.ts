import { Timed, TimerHeap } from "../util/timer_heap.ts";
import type { PollBarrier } from "./poll_barrier.ts";

/** Something that is told when its time is over: a limit of the library's own, or a call that a user has scheduled. */
export abstract class TimeLimit extends Timed {
  abstract onTimeout(): void;
}

/** A time limit of the library's own. */
export class Timeout extends TimeLimit {
  readonly #callback: () => void;

  constructor(onTimeout: () => void) {
    super();
    this.#callback = onTimeout;
  }

  onTimeout(): void {
    this.#callback();
  }
}

/** The clock may stand still while time limits are told; those armed meanwhile are over at least so much later. A power of two, so that sums are exact. */
const SOON_MS = 2 ** -10;

/**
 * The time limits of a runtime. One that is over is told only after all sockets
 * were served since: a late timer proves nothing, since the process may have
 * stood still.
 */
export class TimeLimits {
  readonly #now: () => number;
  readonly #barrier: PollBarrier;
  readonly #onServed: () => void;
  readonly #timeouts = new TimerHeap<TimeLimit>();
  /** When sockets were last known to have been served: time limits that were over by then are. */
  #servedAt = -Infinity;
  /** What `servedAt` will be when those that are ready now are served; undefined if nobody waits for that. */
  #willBeServedAt: number | undefined = undefined;

  /** `onServed` is called when time limits that are over may be told. */
  constructor(now: () => number, barrier: PollBarrier, onServed: () => void) {
    this.#now = now;
    this.#barrier = barrier;
    this.#onServed = onServed;
  }

  /** How many there are. */
  get size(): number {
    return this.#timeouts.size;
  }

  /** When the first is over; `Infinity` while those that are over wait for the sockets. */
  get earliest(): number {
    return this.#willBeServedAt === undefined
      ? this.#timeouts.earliest
      : Infinity;
  }

  /** Arms `timeout`, anew if it is armed; it is over at `deadline`. */
  arm(timeout: TimeLimit, deadline: number): void {
    this.#timeouts.remove(timeout);
    this.#timeouts.push(
      timeout,
      Math.max(deadline, this.#servedAt + SOON_MS),
    );
  }

  /** Disarms `timeout`; false if it was not armed. */
  disarm(timeout: TimeLimit): boolean {
    return this.#timeouts.remove(timeout);
  }

  /** Tells at most `limit` that are over and may be told. If others are over, has the sockets served first. */
  tell(limit: number): void {
    for (; limit > 0; limit--) {
      const timeout = this.#timeouts.popDue(this.#servedAt);
      if (timeout === undefined) break;
      timeout.onTimeout();
    }
    const now = this.#now();
    const isOver = this.#timeouts.earliest <= now;
    if (!isOver || this.#willBeServedAt !== undefined) return;
    this.#willBeServedAt = now;
    this.#barrier.afterPoll(this.#onPolled);
  }

  readonly #onPolled = (): void => {
    this.#servedAt = this.#willBeServedAt as number;
    this.#willBeServedAt = undefined;
    this.#onServed();
  };
}
