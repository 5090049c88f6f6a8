import type { ThreadStats } from "../../stats/stats.ts";
import type { StatsKind } from "./stats_kind.ts";

/** The statistics of one thread, across all its workers. */
export class ThreadRecord<Stats> {
  readonly #kind: StatsKind<Stats>;
  readonly #runtimeId: number;
  /** The sum of its workers that are gone. */
  readonly #past: ReturnType<StatsKind<Stats>["newSum"]>;
  /** The last statistics of the current worker; undefined if there are none. */
  #last: Stats | undefined = undefined;
  /** The worker has reported since it was asked. */
  #isCurrent = false;
  /** Its worker has stopped gracefully, and reported its final statistics. */
  #hasStopped = false;
  #goneWorkers = 0;
  #lostWorkers = 0;

  constructor(kind: StatsKind<Stats>, runtimeId: number) {
    this.#kind = kind;
    this.#past = kind.newSum();
    this.#runtimeId = runtimeId;
  }

  /** The thread is asked: its statistics are not current until it answers. Returns the number of the worker that was asked. */
  onAsked(): number {
    this.#isCurrent = false;
    return this.#goneWorkers;
  }

  /** The worker with the number `asked` has answered. If it is gone by now, `stats` are dropped. */
  onAnswer(stats: Stats, asked: number): void {
    if (asked === this.#goneWorkers) this.#update(stats);
  }

  onStopped(stats: Stats): void {
    this.#update(stats);
    this.#hasStopped = true;
  }

  #update(stats: Stats): void {
    this.#last = stats;
    this.#isCurrent = true;
  }

  /** Its worker is gone. */
  onEnded(): void {
    if (this.#last !== undefined) {
      this.#past.add(this.#kind.ended(this.#last, "WorkerExitedError"));
    }
    this.#last = undefined;
    this.#goneWorkers++;
    if (!this.#hasStopped) {
      this.#lostWorkers++;
      this.#isCurrent = false;
    }
    this.#hasStopped = false;
  }

  stats(): ThreadStats<Stats> {
    const all = this.#kind.newSum();
    all.add(this.#past.stats());
    if (this.#last !== undefined) all.add(this.#last);
    return {
      runtimeId: this.#runtimeId,
      stats: all.stats(),
      isCurrent: this.#isCurrent,
      lostWorkers: this.#lostWorkers,
    };
  }
}
