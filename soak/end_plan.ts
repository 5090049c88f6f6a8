import type { SimRandom } from "../mod.ts";

/** The longest pause of reading, in milliseconds. */
export const LONGEST_PAUSE_MS = 200;

const FAULTS = ["close", "close for a reason", "abort", "throw"] as const;

/** How an end breaks off its own connection. */
export type EndFault = typeof FAULTS[number];

/** What an end is to do to its own connection. */
export interface EndPlan {
  readonly fault: "none" | EndFault;
  /** How many frames have arrived when it does. */
  readonly afterFrames: number;
  /** The probability, with each frame, that it pauses reading. */
  readonly pauses: number;
}

export function endPlan(random: SimRandom): EndPlan {
  return {
    fault: random.chance(0.75) ? "none" : random.pick(FAULTS),
    afterFrames: random.integer(1, 40),
    pauses: random.chance(0.3) ? 0.05 : 0,
  };
}
