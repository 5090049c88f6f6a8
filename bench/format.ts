import type { Spread } from "./stats.ts";

const TITLES: Readonly<Record<string, string>> = {
  deno: "Deno",
  bun: "Bun",
  node: "Node",
};

/** The name of a runtime as it is written in prose. */
export function titleOf(runtime: string): string {
  return TITLES[runtime] ?? runtime;
}

/** Three significant digits, with k or M: `0.97`, `12.3`, `345 k`. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${digits(value / 1e6)} M`;
  if (size >= 1e4) return `${digits(value / 1e3)} k`;
  return digits(value);
}

function digits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

/** `0.97 (0.95–1.01)`; only the median if there is a single value. */
export function shortSpread({ median, low, high }: Spread): string {
  if (low === high) return short(median);
  return `${short(median)} (${short(low)}–${short(high)})`;
}

/** A Markdown table; the first column is aligned left, the others right. */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = heading.map((it, i) =>
    Math.max(3, it.length, ...rows.map((row) => row[i].length))
  );
  const line = (cells: readonly string[]) =>
    `| ${
      cells.map((it, i) =>
        i === 0 ? it.padEnd(widths[i]) : it.padStart(widths[i])
      ).join(" | ")
    } |`;
  const rule = widths.map((it, i) =>
    i === 0 ? "-".repeat(it) : `${"-".repeat(it - 1)}:`
  );
  return [line(heading), line(rule), ...rows.map(line)].join("\n");
}
