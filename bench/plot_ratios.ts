import { titleOf } from "./format.ts";
import { COLORS, Drawing } from "./plot_svg.ts";
import { RUNTIMES } from "./programs.ts";
import type { Results } from "./results.ts";
import type { Spread } from "./stats.ts";
import { judge, type Target, TARGETS } from "./targets.ts";

const LEFT = 250;
const WIDTH = 820;
const RIGHT = 20;
const TOP = 56;
const ROW = 18;
const GAP = 14;

const MIN = 0.4;
const MAX = 1.6;
const TICKS = [0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6];

/** A row: the ratio of Reactio to a control on a runtime, and its target. */
interface Row {
  readonly runtime: string;
  readonly spread: Spread;
  readonly limit: number;
}

/** Messages a second of Reactio relative to the raw sockets and to the careful server: the median as a dot, the rounds as a line, the target as a bar. */
export function plotRatios(results: Results): string {
  const groups = TARGETS
    .filter(({ what }) =>
      /^messages a second against (raw|careful)$/.test(what)
    )
    .map((target) => [target, rowsOf(target, results)] as const)
    .filter(([, rows]) => rows.length > 0);
  const height = TOP + 30 +
    groups.reduce((sum, [, rows]) => sum + rows.length * ROW + GAP, 0);
  const drawing = new Drawing(WIDTH, height);
  drawing.text(
    [LEFT, 20],
    "Messages a second: Reactio / control (dot: median, line: rounds, bar: target; what is beyond the scale is at its edge)",
    { size: 13 },
  );
  for (const tick of TICKS) {
    drawing.line([xOf(tick), TOP - 8], [xOf(tick), height - 24], COLORS.grid);
    drawing.text([xOf(tick), TOP - 14], String(tick), { anchor: "middle" });
  }
  let y = TOP + ROW / 2;
  for (const [target, rows] of groups) {
    const title = target.what.replace("messages a second against", "/");
    drawing.text([8, y + 4], `${target.experiment} ${title}`);
    for (const row of rows) {
      drawRow(drawing, y, row);
      y += ROW;
    }
    y += GAP;
  }
  return drawing.toString();
}

function rowsOf(target: Target, results: Results): Row[] {
  return Object.keys(RUNTIMES).flatMap((runtime) => {
    const verdict = judge(target, results, runtime);
    if (verdict === undefined) return [];
    return [{ runtime, spread: verdict.spread, limit: target.limit(runtime) }];
  });
}

function drawRow(drawing: Drawing, y: number, row: Row): void {
  const { runtime, spread, limit } = row;
  const color = COLORS[runtime];
  drawing.text([LEFT - 10, y + 4], titleOf(runtime), { anchor: "end", color });
  drawing.line([xOf(spread.low), y], [xOf(spread.high), y], color, 2);
  drawing.dot([xOf(spread.median), y], color);
  drawing.line([xOf(limit), y - 7], [xOf(limit), y + 7], COLORS.text, 2);
}

/** Clamps values beyond the scale to its edge. */
function xOf(ratio: number): number {
  const clamped = Math.min(Math.max(ratio, MIN), MAX);
  return LEFT + (clamped - MIN) / (MAX - MIN) * (WIDTH - LEFT - RIGHT);
}
