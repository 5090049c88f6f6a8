/** Curves on logarithmic scales, in panels side by side. */

import { CONNECTIONS, SERVERS } from "./experiments/growth.ts";
import { short, titleOf } from "./format.ts";
import { COLORS, decades, Drawing, logScale } from "./plot_svg.ts";
import type { Results, Samples } from "./results.ts";
import { spread } from "./stats.ts";

interface Curve {
  readonly name: string;
  readonly color: string;
  /** True for the control, which is drawn dashed. */
  readonly isControl: boolean;
  readonly points: readonly (readonly [number, number])[];
}

interface Panel {
  readonly title: string;
  readonly curves: readonly Curve[];
}

interface Axes {
  readonly title: string;
  /** The positions of the points, and their labels. */
  readonly ticks: ReadonlyMap<number, string>;
  xOf(value: number, range: readonly [number, number]): number;
}

const PANEL_WIDTH = 300;
const HEIGHT = 320;
const LEFT = 56;
const RIGHT = 14;
const TOP = 74;
const BOTTOM = 36;

function draw({ title, ticks, xOf }: Axes, panels: readonly Panel[]): string {
  const drawing = new Drawing(PANEL_WIDTH * Math.max(1, panels.length), HEIGHT);
  drawing.text([8, 18], `${title} (dashed: raw sockets)`, { size: 13 });
  const values = panels.flatMap(({ curves }) =>
    curves.flatMap(({ points }) => points.map(([, y]) => y))
  );
  if (values.length === 0) return drawing.toString();
  const lines = decades(values);
  const yOf = logScale(
    [lines[0], lines[lines.length - 1]],
    [HEIGHT - BOTTOM, TOP],
  );
  panels.forEach(({ title, curves }, i) => {
    const range = [i * PANEL_WIDTH + LEFT, (i + 1) * PANEL_WIDTH - RIGHT - 12]
      .map(Number) as [number, number];
    drawing.text([range[0], TOP - 20], title, { size: 13 });
    for (const value of lines) {
      const y = yOf(value);
      drawing.line([range[0] - 4, y], [range[1] + 12, y], COLORS.grid);
      drawing.text([range[0] - 8, y + 4], short(value), { anchor: "end" });
    }
    for (const [tick, text] of ticks) {
      drawing.text([xOf(tick, range), HEIGHT - BOTTOM + 20], text, {
        anchor: "middle",
        size: 11,
      });
    }
    for (const { color, isControl, points } of curves) {
      const at = points.map(([x, y]) => [xOf(x, range), yOf(y)] as const);
      drawing.path(at, color, isControl ? "5 4" : "");
      for (const point of at) drawing.dot(point, color, 3);
    }
  });
  return drawing.toString();
}

const PERCENTILES = ["p50", "p90", "p99", "p999", "max"];
const PERCENTILE_TITLES = ["p50", "p90", "p99", "p99.9", "max"];
const LATENCY_LOADS = ["1x1x32", "500x1x128"];

/** Round trips of Reactio and of the raw sockets. */
export function plotLatency(results: Results): string {
  const panels = LATENCY_LOADS.flatMap((load) =>
    Object.entries(results.experiments[load] ?? {}).map((
      [runtime, samples],
    ) => ({
      title: `${titleOf(runtime)} ${load}`,
      curves: curvesOf(
        runtime,
        samples,
        (server) => server,
        (runs) => PERCENTILES.map((key, i) => [i, spread(runs, key).median]),
      ),
    }))
  );
  return draw({
    title: "Round trip in µs",
    ticks: new Map(PERCENTILE_TITLES.map((title, i) => [i, title])),
    xOf: (value, [from, to]) =>
      from + (to - from) * value / (PERCENTILES.length - 1),
  }, panels);
}

/** The cost of a message as the number of connections grows. */
export function plotGrowth(results: Results): string {
  const panels = Object.entries(results.experiments.growth ?? {}).map((
    [runtime, samples],
  ) => ({
    title: titleOf(runtime),
    curves: SERVERS.map((server) => ({
      name: server,
      color: COLORS[runtime],
      isControl: server === "raw",
      points: CONNECTIONS.flatMap((count) => {
        const runs = samples[`${server} ${count}`] ?? [];
        return runs.length === 0
          ? []
          : [[count, spread(runs, "cpuNs").median] as const];
      }),
    })),
  }));
  const ends: [number, number] = [CONNECTIONS[0], CONNECTIONS.at(-1)!];
  return draw({
    title: "Processor time in ns for a message, by number of connections",
    ticks: new Map(CONNECTIONS.map((count) => [count, String(count)])),
    xOf: (value, range) => logScale(ends, range)(value),
  }, panels);
}

function curvesOf(
  runtime: string,
  samples: Samples,
  subject: (server: string) => string,
  points: (runs: Samples[string]) => [number, number][],
): Curve[] {
  return SERVERS.filter((it) => samples[subject(it)]?.length > 0).map((it) => ({
    name: it,
    color: COLORS[runtime],
    isControl: it === "raw",
    points: points(samples[subject(it)]),
  }));
}
