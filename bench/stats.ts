import type { Sample } from "./experiments/experiment.ts";

/** The median of what was measured several times, and the middle half of it. */
export interface Spread {
  readonly median: number;
  /** A quarter is less. */
  readonly low: number;
  /** A quarter is more. */
  readonly high: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 1 / 2),
    low: quantile(sorted, 1 / 4),
    high: quantile(sorted, 3 / 4),
  };
}

function quantile(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.ceil(position);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

/** The spread of `key`. */
export function spread(samples: readonly Sample[], key: string): Spread {
  return spreadOf(samples.map((it) => it[key]));
}

/** The spread of the ratios of `key`, round by round: what was measured one after the other is compared. */
export function ratios(
  samples: readonly Sample[],
  control: readonly Sample[],
  key: string,
): Spread {
  const rounds = Math.min(samples.length, control.length);
  return spreadOf(
    samples.slice(0, rounds).map((it, round) => it[key] / control[round][key]),
  );
}
