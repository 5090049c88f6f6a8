import type { SimRandom } from "../mod.ts";

/** The longest pause of reading, in milliseconds. */
export const LONGEST_PAUSE_MS = 200;

const FAULTS = ["close", "close for a reason", "abort", "throw"] as const;

/** How an end aborts its own connection. */
export type EndFault = typeof FAULTS[number];

/** What an end does to its own connection. */
export interface EndPlan {
  readonly fault: "none" | EndFault;
  /** After how many received frames it does so. */
  readonly afterFrames: number;
  /** The probability of pausing after each frame. */
  readonly pauses: number;
}

export function endPlan(random: SimRandom): EndPlan {
  return {
    fault: random.chance(0.75) ? "none" : random.pick(FAULTS),
    afterFrames: random.integer(1, 40),
    pauses: random.chance(0.3) ? 0.05 : 0,
  };
}
