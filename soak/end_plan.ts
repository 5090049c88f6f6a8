import type { Random } from "../tests/support/random.ts";

/** The longest pause of reading, in milliseconds. */
export const LONGEST_PAUSE_MS = 200;

const MISDEEDS = ["close", "close for a reason", "abort", "throw"] as const;

/** How an end ends its own connection before its time. */
export type Misdeed = typeof MISDEEDS[number];

/** What an end does to its own connection. */
export interface Mischief {
  readonly kind: "none" | Misdeed;
  /** When so many frames are in. */
  readonly afterFrames: number;
  /** How likely it is, with each frame, to stop reading for a while. */
  readonly pauses: number;
}

export function mischief(random: Random): Mischief {
  return {
    kind: random.chance(0.75) ? "none" : random.pick(MISDEEDS),
    afterFrames: random.integer(1, 40),
    pauses: random.chance(0.3) ? 0.05 : 0,
  };
}
