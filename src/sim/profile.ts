import type { FaultKind, FaultRates } from "./faults.ts";
import type { LinkSettings } from "./link.ts";
import { derive, SimRandom } from "./random.ts";

/**
 * Rates of faults that the seed chooses: of all kinds (`"random"`), or of those
 * that end no connection and fail nothing (`"gentle"`).
 */
export type FaultProfile = "random" | "gentle";

/** What a profile says of a network. */
export interface Profile {
  readonly faults: FaultRates;
  readonly link?: LinkSettings;
  readonly sendBuffers?: readonly number[];
  readonly receiveBuffers?: readonly number[];
}

/** The highest rate that a kind of fault is given. */
const GENTLE: FaultRates = {
  shortReads: 0.5,
  shortWrites: 0.5,
  refusedWrites: 0.2,
  spuriousWritable: 0.2,
  lostPackets: 0.05,
  partitions: 0.01,
  lateTimers: 0.3,
  pauses: 0.01,
  clockJumps: 0.02,
};
const HARSH: FaultRates = {
  resets: 0.02,
  lostOnReset: 0.5,
  withheldResets: 0.5,
  failedConnects: 0.3,
  failedAccepts: 0.3,
};

/** These cost time: across small buffers, which take many packets, they are rarer. */
const SLOW: readonly string[] = [
  "lostPackets",
  "partitions",
  "pauses",
  "resets",
];

const BUFFERS = [7, 61, 251, 1024, 4093, 16384, 65536, 65536];
const COMMON_BUFFER = 4096;
const LATENCIES = [0.02, 0.1, 0.5, 2, 10, 50];
/** A buffer of so many bytes for each millisecond of latency, so that a transfer comes to an end. */
const BYTES_PER_LATENCY = 20;
const BANDWIDTHS = [Infinity, Infinity, 100_000_000, 1_000_000];

/** What `profile` says of the network of `seed`. */
export function profileOf(profile: FaultProfile, seed: number): Profile {
  const random = new SimRandom(derive(seed, profile));
  const buffers = Array.from({ length: 4 }, () => random.pick(BUFFERS));
  const smallest = Math.min(...buffers);
  const [fastest, ...slower] = LATENCIES;
  const latencyMs = random.pick([
    fastest,
    ...slower.filter((ms) => ms * BYTES_PER_LATENCY <= smallest),
  ]);
  const highest = profile === "gentle" ? GENTLE : { ...GENTLE, ...HARSH };
  const faults: Partial<Record<FaultKind, number>> = {};
  for (const [kind, rate] of Object.entries(highest)) {
    // Half of the kinds are off, so that what the others do is seen.
    if (random.chance(0.5)) continue;
    const scale = SLOW.includes(kind)
      ? Math.min(1, smallest / COMMON_BUFFER)
      : 1;
    faults[kind as FaultKind] = rate * scale * random.integer(1, 100) / 100;
  }
  return {
    faults,
    link: {
      latencyMs,
      jitterMs: latencyMs * random.integer(0, 100) / 100,
      bytesPerSecond: random.pick(BANDWIDTHS),
    },
    sendBuffers: buffers.slice(0, 2),
    receiveBuffers: buffers.slice(2),
  };
}
