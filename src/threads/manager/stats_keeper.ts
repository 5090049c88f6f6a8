import type { ThreadsStats } from "../../stats/stats.ts";
import type { StatsKind } from "./stats_kind.ts";
import { ThreadRecord } from "./thread_record.ts";
import { type WaitingLoop, within } from "./within.ts";

/** Gets statistics from threads, and keeps those of threads that are gone. */
export class StatsKeeper<Stats> {
  readonly #kind: StatsKind<Stats>;
  readonly #loop: WaitingLoop;
  readonly #records: readonly ThreadRecord<Stats>[];
  readonly #ownStats: () => Stats;

  /** `ownStats` are those of this thread. */
  constructor(
    kind: StatsKind<Stats>,
    loop: WaitingLoop,
    threadCount: number,
    ownStats: () => Stats,
  ) {
    this.#kind = kind;
    this.#loop = loop;
    this.#ownStats = ownStats;
    this.#records = Array.from(
      { length: threadCount },
      (_, runtimeId) => new ThreadRecord(kind, runtimeId),
    );
  }

  /** Calls `ask` for each of `runtimeIds`, and waits at most `timeoutMs`. For a runtime that is gone, `ask` resolves to undefined. */
  async ask(
    runtimeIds: Iterable<number>,
    ask: (runtimeId: number) => Promise<Stats | undefined>,
    timeoutMs: number,
  ): Promise<ThreadsStats<Stats>> {
    const answers = Array.from(runtimeIds, async (runtimeId) => {
      const record = this.#records[runtimeId];
      const asked = record.onAsked();
      const stats = await ask(runtimeId);
      if (stats !== undefined) record.onAnswer(stats, asked);
    });
    await within(this.#loop, Promise.allSettled(answers), timeoutMs);
    return this.#stats();
  }

  /** The worker of `runtimeId` has stopped gracefully, and reports its final `stats`. */
  onStopped(runtimeId: number, stats: Stats): void {
    this.#records[runtimeId].onStopped(stats);
  }

  /** The worker of `runtimeId` is gone. */
  onEnded(runtimeId: number): void {
    this.#records[runtimeId].onEnded();
  }

  #stats(): ThreadsStats<Stats> {
    const threads = this.#records.map((record) => record.stats());
    const main = this.#ownStats();
    const total = this.#kind.newSum();
    for (const { stats } of threads) total.add(stats);
    total.add(main);
    return { threads, main, total: total.stats() };
  }
}
