import assert from "node:assert/strict";
import { test } from "node:test";
import { Pauses } from "../../src/stats/pauses.ts";
import type { TrafficStats } from "../../src/stats/stats.ts";
import { Traffic } from "../../src/stats/traffic.ts";

test("traffic of several adds up, but for the longest queue, which one of them had", () => {
  const one: TrafficStats = {
    ...{ bytesIn: 1, bytesOut: 2, messagesIn: 3, messagesOut: 4 },
    ...{ bytesQueued: 5, bytesQueuedPeak: 60, pauses: 7, pausedMs: 8 },
    paused: 1,
  };
  const sum = new Traffic();
  sum.addStats(one);
  sum.addStats({ ...one, bytesQueuedPeak: 50 });
  assert.deepEqual(sum.stats(), {
    ...{ bytesIn: 2, bytesOut: 4, messagesIn: 6, messagesOut: 8 },
    ...{ bytesQueued: 10, bytesQueuedPeak: 60, pauses: 14, pausedMs: 16 },
    paused: 2,
  });
});

test("every figure of traffic is taken from the connections: none stays 0 where something has happened", () => {
  const pauses = new Pauses();
  pauses.begin(1);
  const sum = new Traffic();
  sum.add([{
    reader: { bytesIn: 1, messagesIn: 2 },
    sender: {
      bytesSent: 3,
      messagesOut: 4,
      bytesQueued: 5,
      bytesQueuedPeak: 6,
    },
    pauses,
  }], 8);
  const stats = sum.stats();
  assert.deepEqual(
    Object.entries(stats).filter(([, figure]) => !(figure > 0)),
    [],
  );
  assert.equal(stats.pausedMs, 7);
});
