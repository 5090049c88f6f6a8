import type { SimRandom } from "../mod.ts";

/** The longest time that a plain socket stops reading, in milliseconds. */
export const LONGEST_STALL_MS = 300;

/** The faults of a plain socket; `stalls` are independent of them. */
const FAULTS = [
  "half-close",
  "reset",
  "byte by byte",
  "garbage length",
  "FIN within a frame",
  "socket destroyed",
  "silence",
] as const;

/** The behaviour of a plain socket. */
export interface RawPlan {
  readonly fault: "none" | typeof FAULTS[number];
  /** After how many received frames the fault is injected. */
  readonly afterFrames: number;
  /** The probability, for each read, of pausing for a while. */
  readonly stalls: number;
  /** How many frames a client sends, and how many may be in flight. */
  readonly total: number;
  readonly window: number;
}

export function rawPlan(random: SimRandom): RawPlan {
  return {
    fault: random.chance(0.35) ? "none" : random.pick(FAULTS),
    afterFrames: random.integer(0, 20),
    stalls: random.chance(0.5) ? 0.02 : 0,
    total: random.integer(1, 150),
    window: random.integer(1, 16),
  };
}

/**
 * For a client of large frames, which asks for more than the buffers of the
 * system hold, and often pauses reading.
 */
export function greedyPlan(random: SimRandom): RawPlan {
  const total = 80;
  return {
    ...rawPlan(random),
    fault: "none",
    stalls: 0.05,
    total,
    window: total,
  };
}
