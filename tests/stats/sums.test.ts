import assert from "node:assert/strict";
import { test } from "node:test";
import { ReactRuntime, type RuntimeStats } from "../../mod.ts";
import { type Metric, METRICS } from "../../src/stats/metrics.ts";
import { endedStats, RuntimeSum } from "../../src/stats/runtime_sum.ts";

// What threads tell is added up, and closed when a thread is gone: figure by
// figure, as the table of all figures has them.

/** Of several, the largest counts. */
const LARGEST = ["uptimeMs", "bytesQueuedPeak"];

const FIGURES = METRICS.filter(({ owners, kind, by }) =>
  owners.includes("runtime") && kind !== "histogram" && by === undefined
);

/** The object that has the figure `name` of `stats`, and its key there. */
function placeOf(
  stats: RuntimeStats,
  { name }: Metric,
): [Record<string, number>, string] {
  const path = name.split(".");
  const key = path.pop() as string;
  const place = path.reduce<unknown>(
    (at, part) => (at as Record<string, unknown>)[part],
    stats,
  );
  return [place as Record<string, number>, key];
}

/** Statistics whose figures are 1 all of them. */
function allOne(): RuntimeStats {
  const stats = new ReactRuntime().stats();
  for (const figure of FIGURES) {
    const [place, key] = placeOf(stats, figure);
    place[key] = 1;
  }
  return stats;
}

function valuesIn(stats: RuntimeStats): [string, number][] {
  return FIGURES.map((figure) => {
    const [place, key] = placeOf(stats, figure);
    return [figure.name, place[key]];
  });
}

test("every figure of several runtimes is added up; of two, the largest counts", () => {
  const sum = new RuntimeSum();
  sum.add(allOne());
  sum.add(allOne());
  assert.deepEqual(
    valuesIn(sum.stats()),
    FIGURES.map(({ name }) => [name, LARGEST.includes(name) ? 1 : 2]),
  );
});

test("a runtime that is gone has no gauges: nothing is open, queued or under way there, and what it has counted stays", () => {
  assert.deepEqual(
    valuesIn(endedStats(allOne(), "WorkerExitedError")),
    FIGURES.map(({ name, kind }) => {
      const isKept = kind === "counter" || name === "bytesQueuedPeak";
      return [name, isKept ? 1 : 0];
    }),
  );
});
