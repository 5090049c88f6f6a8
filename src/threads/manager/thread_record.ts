import type { ThreadStats } from "../../stats/stats.ts";
import type { StatsKind } from "./stats_kind.ts";

/** What is known of the stats of one thread, whatever becomes of its workers. */
export class ThreadRecord<Stats> {
  readonly #kind: StatsKind<Stats>;
  readonly #runtimeId: number;
  /** What the workers have counted that are gone. */
  readonly #past: ReturnType<StatsKind<Stats>["newSum"]>;
  /** What the worker has told last that is there; undefined if that is nothing. */
  #last: Stats | undefined = undefined;
  /** It has told that since it was asked, and nothing comes after it. */
  #isCurrent = false;
  /** Its worker has stopped gracefully, and told all. */
  #hasStopped = false;
  #goneWorkers = 0;
  #lostWorkers = 0;

  constructor(kind: StatsKind<Stats>, runtimeId: number) {
    this.#kind = kind;
    this.#past = kind.newSum();
    this.#runtimeId = runtimeId;
  }

  /** It is asked: what is known is of the past until it answers. Returns which of its workers was asked. */
  onAsked(): number {
    this.#isCurrent = false;
    return this.#goneWorkers;
  }

  /** The worker that was asked, as {@linkcode onAsked} says, tells `stats`; it may be gone by now, and its figures with it. */
  onAnswer(stats: Stats, asked: number): void {
    if (asked === this.#goneWorkers) this.#tell(stats);
  }

  onStopped(stats: Stats): void {
    this.#tell(stats);
    this.#hasStopped = true;
  }

  #tell(stats: Stats): void {
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
