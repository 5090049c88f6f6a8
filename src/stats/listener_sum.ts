import { type DropReason, NO_DROPS } from "../api/drops.ts";
import type { ErrorCountsByClass, ListenerStats } from "./stats.ts";
import { Traffic } from "./traffic.ts";

/** The sum of several listeners' statistics, or of the same part of several runtimes'. */
export class ListenerSum {
  readonly #traffic = new Traffic();
  readonly #counts = { accepted: 0, open: 0 };
  readonly #dropped: Record<DropReason, number> = { ...NO_DROPS };
  readonly #closed: Record<string, number> = {};

  add(stats: ListenerStats): void {
    this.#traffic.addStats(stats);
    addTo(this.#counts, stats);
    addTo(this.#dropped, stats.dropped);
    addAll(this.#closed, stats.closed);
  }

  stats(): ListenerStats {
    return {
      ...this.#traffic.stats(),
      ...this.#counts,
      dropped: { ...this.#dropped },
      closed: { ...this.#closed },
    };
  }
}

/**
 * The final `stats` of a listener or runtime that is gone: open connections
 * count as closed with an error of the class `how`.
 */
export function endedListener<Stats extends ListenerStats>(
  stats: Stats,
  how: string,
): Stats {
  return {
    ...stats,
    open: 0,
    bytesQueued: 0,
    paused: 0,
    closed: plus(stats.closed, how, stats.open),
  };
}

/** Adds those figures of `from` that `to` has. */
export function addTo<To extends Record<string, number>>(
  to: To,
  from: { readonly [Key in keyof To]: number },
): void {
  for (const key of Object.keys(to)) {
    (to as Record<string, number>)[key] += from[key];
  }
}

/** Adds all figures of `from`. */
export function addAll(
  to: Record<string, number>,
  from: ErrorCountsByClass,
): void {
  for (const [key, count] of Object.entries(from)) {
    to[key] = (to[key] ?? 0) + count;
  }
}

/** `counts` with `count` more of `name`. */
export function plus(
  counts: ErrorCountsByClass,
  name: string,
  count: number,
): ErrorCountsByClass {
  if (count === 0) return counts;
  return { ...counts, [name]: (counts[name] ?? 0) + count };
}
