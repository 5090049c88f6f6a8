import type { Sample } from "./experiments/experiment.ts";
import { median } from "./programs.ts";

/** The median of what was measured several times, and how far it spread. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
  };
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
