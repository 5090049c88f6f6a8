import type { Engine } from "../../core/engine.ts";
import { RuntimeSum } from "../../stats/runtime_sum.ts";
import type { RuntimeStats, ThreadsStats } from "../../stats/stats.ts";
import type { Control } from "../link/control.ts";
import { ThreadRecord } from "./thread_record.ts";
import { within } from "./within.ts";

/** Asks the threads what they have counted, and keeps it of those that are gone. */
export class StatsKeeper {
  readonly #engine: Engine<unknown>;
  readonly #records: readonly ThreadRecord[];

  constructor(engine: Engine<unknown>, threadCount: number) {
    this.#engine = engine;
    this.#records = Array.from(
      { length: threadCount },
      (_, runtimeId) => new ThreadRecord(runtimeId),
    );
  }

  /** Asks the workers that are there, by runtime, and waits no longer than `timeoutMs`. */
  async ask(
    controls: ReadonlyMap<number, Control>,
    timeoutMs: number,
  ): Promise<ThreadsStats> {
    const answers = Array.from(controls, async ([runtimeId, control]) => {
      const record = this.#records[runtimeId];
      record.onAsked();
      record.onAnswer(await control.ask({ type: "stats" }) as RuntimeStats);
    });
    await within(this.#engine.loop, Promise.allSettled(answers), timeoutMs);
    return this.#stats();
  }

  /** The worker of `runtimeId` has stopped in good order, and tells this. */
  onStopped(runtimeId: number, stats: RuntimeStats): void {
    this.#records[runtimeId].onStopped(stats);
  }

  /** The worker of `runtimeId` is gone. */
  onEnded(runtimeId: number): void {
    this.#records[runtimeId].onEnded();
  }

  #stats(): ThreadsStats {
    const threads = this.#records.map((record) => record.stats());
    const main = this.#engine.stats();
    const total = new RuntimeSum();
    for (const { stats } of threads) total.add(stats);
    total.add(main);
    return { threads, main, total: total.stats() };
  }
}
