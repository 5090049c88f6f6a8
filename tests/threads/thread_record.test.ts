import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ListenerStats } from "../../src/stats/stats.ts";
import { Tally } from "../../src/stats/tally.ts";
import { OF_LISTENERS } from "../../src/threads/manager/stats_kind.ts";
import { ThreadRecord } from "../../src/threads/manager/thread_record.ts";

/** The stats of a thread that serves `open` connections. */
function serving(open: number): ListenerStats {
  return { ...new Tally().stats([], 0), accepted: open, open };
}

describe("what is known of the stats of a thread", () => {
  it("belongs to the past when its worker is gone: a late answer of that worker does not count for the next", () => {
    const record = new ThreadRecord(OF_LISTENERS, 0);
    record.onAnswer(serving(4), record.onAsked());
    const late = record.onAsked();
    record.onEnded();
    record.onAnswer(serving(4), late);
    const { stats, isCurrent, lostWorkers } = record.stats();
    assert.deepEqual([stats.accepted, stats.open], [4, 0]);
    assert.deepEqual(stats.closed, { WorkerExitedError: 4 });
    assert.deepEqual([isCurrent, lostWorkers], [false, 1]);

    record.onAnswer(serving(2), record.onAsked());
    const next = record.stats();
    assert.deepEqual([next.stats.accepted, next.stats.open], [6, 2]);
    assert.equal(next.isCurrent, true);
  });
});
