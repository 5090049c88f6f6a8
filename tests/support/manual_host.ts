import type { Adapter } from "../../mod.ts";

/** The clock of a host stands still for less than that, and no timer of the tests is armed for so little on purpose. */
const TOLERANCE_MS = 0.5;

interface ManualTimer {
  readonly at: number;
  readonly callback: () => void;
}

/** A host without sockets, whose time is moved by hand, and whose turns take none. */
export class ManualHost {
  now = 0;
  /** When sockets were last served for somebody who waited for that. */
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

  /** How many timers are armed. */
  get timerCount(): number {
    return this.#timers.size;
  }

  /** Time passes, and what is due happens in its time. */
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

  /** Time passes in which nothing happens; then what is due does. */
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
