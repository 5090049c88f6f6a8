import type { ConnectionOptions, SimRandom, SocketOptions } from "../../mod.ts";
import type { Workload } from "./workloads.ts";

/** How the reactor of an end reads. */
export type ReadingStyle = "plain" | "fastRead" | "fastDispatch" | "changing";

/** Options of a connection that are not random. */
type Fixed =
  | keyof SocketOptions
  | "readIdleTimeoutMs"
  | "writeIdleTimeoutMs"
  | "firstMessageTimeoutMs"
  | "messageTimeoutMs"
  | "sendTimeoutMs"
  | "record";

/** The random options of a connection, none left out. */
type DrawnOptions = {
  readonly [Name in Exclude<keyof ConnectionOptions, Fixed>]-?: NonNullable<
    ConnectionOptions[Name]
  >;
};

/** The configuration of an end of a connection. */
export interface EndConfig {
  readonly options: DrawnOptions;
  readonly reading: ReadingStyle;
  /** True if it announces the size of a message as soon as it knows it. */
  readonly knowsSizes: boolean;
  /** True if it consumes all complete messages in one call. */
  readonly takesAll: boolean;
  /** The probability of echoing a message. */
  readonly echoes: number;
  /** True if it continues after the FIN of its peer. */
  readonly outlivesPeer: boolean;
  readonly takesCommands: boolean;
}

/** Longer than any disruption: a connection that takes this long is stuck. */
export const LONG_MS = 60_000;
const BOUNDLESS = 2 ** 26;
const STEPS = [0, 1, 16, 100, 1024, 5000];
const MOST_STEPS = 250;

/** Draws the configuration of an end. */
export function drawConfig(random: SimRandom, workload: Workload): EndConfig {
  return {
    options: drawOptions(random, workload),
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
  { window, bytes, profile: { isTight } }: Workload,
): EndConfig["options"] {
  const small = () => random.integer(0, 3 * window);
  const sendHighWaterMark = random.pick([2 ** 20, small(), small(), 0]);
  const isBrief = (chance: number) => isTight && random.chance(chance);
  return {
    recvBufferMinSize: random.pick(
      // Examining a long message byte by byte would take too long.
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

/** Draws the size of a message, before it is adapted to the framing. */
export function drawSize(
  random: SimRandom,
  { window, bytes }: Workload,
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
