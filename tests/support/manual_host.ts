import type { Adapter } from "../../mod.ts";

/**
 * The host's clock may stand still for less than this, and no test sets a timer
 * this short on purpose.
 */
const TOLERANCE_MS = 0.5;

interface ManualTimer {
  readonly at: number;
  readonly callback: () => void;
}

/**
 * A host without sockets whose time is advanced by the test, and whose turns
 * take no time.
 */
export class ManualHost {
  now = 0;
  /** When sockets were last served for a caller of `afterPoll`. */
  servedAt = -Infinity;
  readonly #timers = new Set<ManualTimer>();
  #scheduled: (() => void)[] = [];

  readonly adapter: Adapter = {
    name: "manual",
    transports: ["tcp"],
    reusesPorts: false,
    random: () => 0.5,
    clock: {
      now: () => this.now,
      wallNow: () => this.now,
      setTimer: (callback, delayMs) => {
        const timer = { at: this.now + delayMs, callback };
        this.#timers.add(timer);
        return timer;
      },
      clearTimer: (timer) => void this.#timers.delete(timer as ManualTimer),
    },
    endOfTurn: (callback) => void this.#scheduled.push(callback),
    afterPoll: (callback) => {
      const askedAt = this.now;
      this.#scheduled.push(() => {
        this.servedAt = askedAt;
        callback();
      });
    },
    listen: () => Promise.reject(new Error("there are no sockets")),
    connect: () => {
      throw new Error("there are no sockets");
    },
  };

  /** Number of timers set. */
  get timerCount(): number {
    return this.#timers.size;
  }

  /** Advances time; everything that is due happens at its time. */
  advance(ms: number): void {
    const end = this.now + ms;
    this.#endTurns();
    for (;;) {
      const timer = this.#firstTimer();
      if (timer === undefined || timer.at > end + TOLERANCE_MS) break;
      this.now = Math.max(this.now, timer.at);
      this.#fire(timer);
    }
    this.now = Math.max(this.now, end);
  }

  /** Advances time at once; everything that is due happens afterwards. */
  stall(ms: number): void {
    this.now += ms;
    this.advance(0);
  }

  #firstTimer(): ManualTimer | undefined {
    return [...this.#timers].sort((a, b) => a.at - b.at)[0];
  }

  #fire(timer: ManualTimer): void {
    this.#timers.delete(timer);
    timer.callback();
    this.#endTurns();
  }

  #endTurns(): void {
    while (this.#scheduled.length > 0) {
      const callbacks = this.#scheduled;
      this.#scheduled = [];
      for (const callback of callbacks) callback();
    }
  }
}
