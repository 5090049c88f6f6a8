/**
 * Fault rates that the seed chooses.
 *
 * @module
 */

import type { FaultKind, FaultRates } from "./faults.ts";
import type { Filled } from "../api/options/rules.ts";
import type { LinkSettings } from "./path.ts";
import { derive, SimRandom } from "./random.ts";

/**
 * Which faults the seed chooses from: all kinds (`"random"`), or those that end
 * no connection and fail no call (`"gentle"`). Each seed has only some of them,
 * since one fault may hide what another does.
 *
 * @category Simulation
 */
export type FaultProfile = "random" | "gentle";

/** What a profile decides about a network. */
export interface Profile {
  readonly faults: FaultRates;
  readonly link?: Filled<LinkSettings> | undefined;
  readonly sendBuffers?: readonly number[] | undefined;
  readonly receiveBuffers?: readonly number[] | undefined;
}

type SomeRates = Partial<Record<FaultKind, number>>;

/** The highest rate of each kind of fault. */
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

/** Chosen apart from the others, since they strike only connections in TLS. */
const OF_TLS: FaultRates = {
  failedHandshakes: 0.2,
  stuckHandshakes: 0.1,
  truncatedEnds: 0.2,
};

/**
 * A strong seed has one or two of these, often enough for faults to coincide, and
 * few other kinds.
 */
const STRONG: FaultRates = {
  lostPackets: 0.1,
  partitions: 0.05,
  pauses: 0.03,
  resets: 0.05,
};
const MOST_OTHERS = 2;

/** These cost time: with small buffers, which need many packets, they are rarer. */
const COSTLY = Object.keys(STRONG) as FaultKind[];

const BUFFERS = [7, 61, 251, 1024, 4093, 16384, 65536, 65536];
const LARGE_BUFFERS = [4093, 16384, 65536];
const COMMON_BUFFER = 4093;
const LATENCIES = [0.02, 0.1, 0.5, 2, 10, 50];
/**
 * The least number of buffer bytes per millisecond of latency, so that a
 * transfer ends.
 */
const BYTES_PER_LATENCY = 20;
const BANDWIDTHS = [Infinity, Infinity, 100_000_000, 1_000_000];

/** Buffer sizes that are not left to the profile. */
export interface GivenBuffers {
  readonly sendBufferBytes?: number | undefined;
  readonly receiveBufferBytes?: number | undefined;
}

/** What `profile` decides about the network of `seed`. */
export function profileOf(
  profile: FaultProfile,
  seed: number,
  given: GivenBuffers,
): Profile {
  const random = new SimRandom(derive(seed, profile));
  const isStrong = profile === "random" && random.chance(0.5);
  const sizes = isStrong ? LARGE_BUFFERS : BUFFERS;
  const sendBuffers = [random.pick(sizes), random.pick(sizes)];
  const receiveBuffers = [random.pick(sizes), random.pick(sizes)];
  const smallest = Math.min(
    given.sendBufferBytes ?? Math.min(...sendBuffers),
    given.receiveBufferBytes ?? Math.min(...receiveBuffers),
  );
  const [fastest, ...slower] = LATENCIES;
  const latencyMs = random.pick([
    fastest,
    ...slower.filter((ms) => ms * BYTES_PER_LATENCY <= smallest),
  ]);
  const rates = isStrong ? strongRates(random) : mildRates(
    profile === "gentle" ? GENTLE : { ...GENTLE, ...HARSH },
    random,
  );
  const scale = Math.min(1, smallest / COMMON_BUFFER);
  for (const kind of COSTLY) {
    const rate = rates[kind];
    if (rate !== undefined) rates[kind] = rate * scale;
  }
  return {
    faults: profile === "gentle" ? rates : {
      ...rates,
      ...mildRates(OF_TLS, new SimRandom(derive(seed, "tls"))),
    },
    link: {
      latencyMs,
      jitterMs: latencyMs * random.integer(0, 100) / 100,
      bytesPerSecond: random.pick(BANDWIDTHS),
    },
    sendBuffers,
    receiveBuffers,
  };
}

/** About half of the kinds, so that the effect of each is seen. */
function mildRates(highest: FaultRates, random: SimRandom): SomeRates {
  const rates: SomeRates = {};
  for (const [kind, rate] of Object.entries(highest)) {
    if (random.chance(0.5)) continue;
    rates[kind as FaultKind] = rate * random.integer(1, 100) / 100;
  }
  return rates;
}

/** One or two of the strong kinds, and a few of any. */
function strongRates(random: SimRandom): SomeRates {
  const all = { ...GENTLE, ...HARSH, ...STRONG };
  const kinds = [random.pick(COSTLY), random.pick(COSTLY)];
  for (let left = random.integer(0, MOST_OTHERS); left > 0; left--) {
    kinds.push(random.pick(Object.keys(all) as FaultKind[]));
  }
  const rates: SomeRates = {};
  for (const kind of kinds) {
    rates[kind] = (all[kind] ?? 0) * random.integer(50, 100) / 100;
  }
  return rates;
}
