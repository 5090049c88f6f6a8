import { endedStats, RuntimeSum } from "../../stats/runtime_sum.ts";
import type { RuntimeStats, ThreadStats } from "../../stats/stats.ts";

/** What is known of the stats of one thread, whatever becomes of its workers. */
export class ThreadRecord {
  readonly #runtimeId: number;
  /** What the workers have counted that are gone. */
  readonly #past = new RuntimeSum();
  /** What the worker has told last that is there; undefined if that is nothing. */
  #last: RuntimeStats | undefined = undefined;
  /** It has told that since it was asked, and nothing comes after it. */
  #isCurrent = false;
  /** Its worker has stopped in good order, and told all. */
  #hasStopped = false;
  #lostWorkers = 0;

  constructor(runtimeId: number) {
    this.#runtimeId = runtimeId;
  }

  /** It is asked: what is known is of the past until it answers. */
  onAsked(): void {
    this.#isCurrent = false;
  }

  onAnswer(stats: RuntimeStats): void {
    this.#last = stats;
    this.#isCurrent = true;
  }

  onStopped(stats: RuntimeStats): void {
    this.onAnswer(stats);
    this.#hasStopped = true;
  }

  /** Its worker is gone. */
  onEnded(): void {
    if (this.#last !== undefined) {
      this.#past.add(endedStats(this.#last, "WorkerExitedError"));
    }
    this.#last = undefined;
    if (this.#hasStopped) return;
    this.#lostWorkers++;
    this.#isCurrent = false;
  }

  stats(): ThreadStats {
    const all = new RuntimeSum();
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
