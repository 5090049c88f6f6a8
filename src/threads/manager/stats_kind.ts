import { endedListener, ListenerSum } from "../../stats/listener_sum.ts";
import { endedStats, RuntimeSum } from "../../stats/runtime_sum.ts";
import type { ListenerStats, RuntimeStats } from "../../stats/stats.ts";

/** How statistics of one kind are combined. */
export interface StatsKind<Stats> {
  newSum(): { add(stats: Stats): void; stats(): Stats };
  /** The last `stats` of a worker that has ended, with an error of the class `how`. */
  ended(stats: Stats, how: string): Stats;
}

export const OF_RUNTIMES: StatsKind<RuntimeStats> = {
  newSum: () => new RuntimeSum(),
  ended: endedStats,
};

export const OF_LISTENERS: StatsKind<ListenerStats> = {
  newSum: () => new ListenerSum(),
  ended: endedListener,
};
