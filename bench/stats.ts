import type { Measurement } from "./experiments/experiment.ts";

/** The median of several measurements, and the bounds of their middle half. */
export interface Spread {
  readonly median: number;
  /** A quarter of the values is lower. */
  readonly low: number;
  /** A quarter of the values is higher. */
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
export function spread(samples: readonly Measurement[], key: string): Spread {
  return spreadOf(samples.map((it) => it[key]));
}

/**
 * The spread of the ratios of `key`, computed round by round, so that
 * neighbouring measurements are compared.
 */
export function ratios(
  samples: readonly Measurement[],
  control: readonly Measurement[],
  key: string,
): Spread {
  const rounds = Math.min(samples.length, control.length);
  return spreadOf(
    samples.slice(0, rounds).map((it, round) => it[key] / control[round][key]),
  );
}
