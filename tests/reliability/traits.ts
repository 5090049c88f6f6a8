import type { ConnectionOptions, SimRandom } from "../../mod.ts";
import type { Filled } from "../../src/api/option_rules.ts";
import type { Ground } from "./ground.ts";

/** How the reactor of an end reads. */
export type Reading = "plain" | "fastRead" | "fastDispatch" | "changing";

/** What an end of a connection is like. */
export interface Traits {
  readonly options: Filled<
    Omit<ConnectionOptions, "noDelay" | "keepAlive">
  >;
  readonly reading: Reading;
  /** It says how large a message is as soon as it knows. */
  readonly knowsSizes: boolean;
  /** It takes all messages that are there in one call. */
  readonly takesAll: boolean;
  /** It sends back what it gets, with this probability. */
  readonly echoes: number;
  /** It goes on when its peer has sent FIN. */
  readonly outlivesPeer: boolean;
  readonly takesCommands: boolean;
}

/** Longer than any trouble: what takes so long waits for nothing. */
export const LONG_MS = 60_000;
const BOUNDLESS = 2 ** 26;
const STEPS = [0, 1, 16, 100, 1024, 5000];
const MOST_STEPS = 250;

/** What the next end is like. */
export function drawTraits(random: SimRandom, ground: Ground): Traits {
  return {
    options: drawOptions(random, ground),
    reading: random.pick([
      "plain",
      "plain",
      "fastRead",
      "fastDispatch",
      "changing",
    ]),
    knowsSizes: random.chance(0.6),
    takesAll: random.chance(0.4),
    echoes: random.pick([0, 0, 0.3, 1]),
    outlivesPeer: random.chance(0.3),
    takesCommands: random.chance(0.9),
  };
}

function drawOptions(
  random: SimRandom,
  { window, bytes, temper: { isTight } }: Ground,
): Traits["options"] {
  const small = () => random.integer(0, 3 * window);
  const sendHighWaterMark = random.pick([2 ** 20, small(), small(), 0]);
  const isBrief = (chance: number) => isTight && random.chance(chance);
  return {
    recvBufferMinSize: random.pick(
      // To look at a long message byte by byte takes too long.
      STEPS.filter((size) => Math.max(1, size) * MOST_STEPS >= bytes),
    ),
    maxMessageSize: isBrief(0.1) ? 1 + small() : bytes,
    maxSendQueue: random.pick([BOUNDLESS, BOUNDLESS, 1 + small()]),
    sendQueueOverflow: isTight ? random.pick(["close", "reject"]) : "reject",
    sendHighWaterMark,
    sendLowWaterMark: random.integer(0, sendHighWaterMark),
    idleTimeoutMs: isBrief(0.25) ? random.integer(1, 2000) : 0,
    closeTimeoutMs: isBrief(0.5) ? random.integer(1, 2000) : LONG_MS,
  };
}

/** The size of the next message, before its framing makes it fit. */
export function drawSize(
  random: SimRandom,
  { window, bytes }: Ground,
): number {
  const size = random.pick([
    0,
    random.integer(1, 40),
    random.integer(1, 40),
    random.integer(1, window),
    random.integer(window, 3 * window),
    random.integer(1, 2) * 8192 + random.integer(-5, 5),
    random.integer(1, bytes),
  ]);
  return Math.min(size, bytes);
}
