import type { SimRandom } from "../mod.ts";

/** The longest time that a plain socket stops reading, in milliseconds. */
export const LONGEST_STALL_MS = 300;

/** What a plain socket does to its connection; `stalls` are extra. */
const FAULTS = [
  "half-close",
  "reset",
  "byte by byte",
  "garbage length",
  "FIN within a frame",
  "socket destroyed",
  "silence",
] as const;

/** What a plain socket is to do. */
export interface RawPlan {
  readonly fault: "none" | typeof FAULTS[number];
  /** How many frames have arrived when the fault is injected. */
  readonly afterFrames: number;
  /** The probability, with each read, that it stops reading for a while. */
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

/** For a client of large frames: it asks for more than the buffers of the system hold, and often stops reading. */
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
