import type { Random } from "../tests/support/random.ts";

/** The longest a plain socket stops reading, in milliseconds. */
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
  /** How many frames are in when the fault comes. */
  readonly afterFrames: number;
  /** How likely it is, with each read, to stop reading for a while. */
  readonly stalls: number;
  /** How many frames a client sends, and how many are under way at most. */
  readonly total: number;
  readonly window: number;
}

export function rawPlan(random: Random): RawPlan {
  return {
    fault: random.chance(0.35) ? "none" : random.pick(FAULTS),
    afterFrames: random.integer(0, 20),
    stalls: random.chance(0.5) ? 0.02 : 0,
    total: random.integer(1, 150),
    window: random.integer(1, 16),
  };
}

/** For a client of large frames: asks for more than the system buffers, and often stops reading. */
export function greedyPlan(random: Random): RawPlan {
  const total = 80;
  return {
    ...rawPlan(random),
    fault: "none",
    stalls: 0.05,
    total,
    window: total,
  };
}
