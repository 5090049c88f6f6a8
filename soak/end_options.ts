import type { ConnectionOptions, SimRandom } from "../mod.ts";
import { LARGEST_FRAME } from "./frames.ts";

/** The options of an end, as far as its checks need them. */
export interface EndOptions extends ConnectionOptions {
  readonly recvBufferMinSize: number;
  readonly maxSendQueue: number;
  readonly sendQueueOverflow: "close" | "reject";
  readonly idleTimeoutMs: number;
  readonly closeTimeoutMs: number;
}

/** SimRandom options for an end: generous ones, and ones that make it hit its limits. */
export function endOptions(random: SimRandom): EndOptions {
  const isMild = random.chance(0.4);
  const overflow = random.chance(0.7) ? "reject" : "close";
  const high = random.pick([0, 1000, 64 * 1024, 2 ** 20]);
  return {
    recvBufferMinSize: random.pick([0, 1, 100, 1024, 8192]),
    maxMessageSize: LARGEST_FRAME,
    maxSendQueue: isMild ? 2 ** 26 : random.pick([2 ** 12, 2 ** 16, 400_000]),
    sendQueueOverflow: isMild ? "close" : overflow,
    sendHighWaterMark: isMild ? 2 ** 20 : high,
    sendLowWaterMark: isMild ? 2 ** 18 : random.integer(0, high),
    idleTimeoutMs: random.pick([0, 0, 0, 150, 1000]),
    closeTimeoutMs: random.pick([20, 250, 5000, 5000]),
    noDelay: random.chance(0.7),
    keepAlive: random.chance(0.3),
  };
}
