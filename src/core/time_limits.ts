import type { Clock } from "../contract/clock.ts";
import { Timed, TimerHeap } from "../util/timer_heap.ts";
import type { PollBarrier } from "./poll_barrier.ts";

/**
 * Something that is called when its time is over: a time limit of the library,
 * or a call that a user has scheduled.
 */
export abstract class TimeLimit extends Timed {
  abstract onTimeout(): void;
}

/** A time limit of the library. */
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

/**
 * The clock may stand still while time limits are called. Those armed meanwhile
 * expire at least this much later. A power of two, so that sums are exact.
 */
const SOON_MS = 2 ** -10;

/**
 * The time limits of a runtime. One that has expired is called only after all
 * sockets have been served since: a late timer proves nothing, because the
 * process may have stood still.
 */
export class TimeLimits {
  readonly #clock: Clock;
  readonly #barrier: PollBarrier;
  readonly #onServed: () => void;
  readonly #timeouts = new TimerHeap<TimeLimit>();
  /**
   * When sockets were last known to have been served. Limits that had expired
   * by then may be called.
   */
  #servedAt = -Infinity;
  /**
   * The next value of `servedAt`, once all sockets that are ready now have been
   * served; undefined if nothing waits for that.
   */
  #willBeServedAt: number | undefined = undefined;

  /** `onServed` is called when expired time limits may be called. */
  constructor(clock: Clock, barrier: PollBarrier, onServed: () => void) {
    this.#clock = clock;
    this.#barrier = barrier;
    this.#onServed = onServed;
  }

  /** Number of armed time limits. */
  get size(): number {
    return this.#timeouts.size;
  }

  /**
   * When the first one expires; `Infinity` while expired ones wait for the
   * sockets.
   */
  get earliest(): number {
    return this.#willBeServedAt === undefined
      ? this.#timeouts.earliest
      : Infinity;
  }

  /** Arms `timeout`, or rearms it, to expire at `deadline`. */
  arm(timeout: TimeLimit, deadline: number): void {
    this.#timeouts.remove(timeout);
    this.#timeouts.push(
      timeout,
      Math.max(deadline, this.#servedAt + SOON_MS),
    );
  }

  /** Disarms `timeout`. Returns false if it was not armed. */
  disarm(timeout: TimeLimit): boolean {
    return this.#timeouts.remove(timeout);
  }

  /**
   * Calls at most `limit` that have expired and may be called. If others have
   * expired, waits for the sockets first.
   */
  fire(limit: number): void {
    for (; limit > 0; limit--) {
      const timeout = this.#timeouts.popDue(this.#servedAt);
      if (timeout === undefined) break;
      timeout.onTimeout();
    }
    const now = this.#clock.now();
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
