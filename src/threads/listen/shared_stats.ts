import type { ReactorID } from "../../api/reactor_id.ts";
import type { ListenerStats, ThreadsStats } from "../../stats/stats.ts";
import { Tally } from "../../stats/tally.ts";
import type { Control } from "../link/control.ts";
import { StatsKeeper } from "../manager/stats_keeper.ts";
import { OF_LISTENERS } from "../manager/stats_kind.ts";
import type { WaitingLoop } from "../manager/within.ts";

/** The statistics of a shared listener: those of each thread, and the drops of this one. */
export class SharedStats {
  /** The tally of this thread. */
  readonly own: Tally = new Tally();
  readonly #keeper: StatsKeeper<ListenerStats>;
  /** The parts that may have open connections, by runtime. */
  readonly #parts = new Map<number, Part>();

  constructor(loop: WaitingLoop, threadCount: number) {
    this.#keeper = new StatsKeeper(
      OF_LISTENERS,
      loop,
      threadCount,
      () => this.own.stats([], 0), // this thread serves no connection
    );
  }

  /** Follows `listener` in the thread of a runtime, until it and all its connections are closed, or the thread is gone. */
  follow(runtimeId: number, control: Control, listener: ReactorID): void {
    const part = { control, listener };
    this.#parts.set(runtimeId, part);
    const onEnded = (stats?: unknown) => {
      if (this.#parts.get(runtimeId) === part) this.#parts.delete(runtimeId);
      if (stats !== undefined) {
        this.#keeper.onStopped(runtimeId, stats as ListenerStats);
      }
      this.#keeper.onEnded(runtimeId);
    };
    control.ask({ type: "listenerEnd", listener }).then(
      onEnded,
      () => onEnded(),
    );
  }

  /** Asks all parts, and waits no longer than `timeoutMs`. */
  ask(timeoutMs: number): Promise<ThreadsStats<ListenerStats>> {
    return this.#keeper.ask(
      this.#parts.keys(),
      async (runtimeId) => await askPart(this.#parts.get(runtimeId) as Part),
      timeoutMs,
    );
  }
}

interface Part {
  readonly control: Control;
  readonly listener: ReactorID;
}

async function askPart(
  { control, listener }: Part,
): Promise<ListenerStats | undefined> {
  const stats = await control.ask({ type: "listenerStats", listener });
  return stats as ListenerStats | undefined;
}
