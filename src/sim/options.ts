/**
 * The options of a simulated network.
 *
 * @module
 */

import {
  check,
  choice,
  custom,
  type Filled,
  integer,
  number,
  type OptionRule,
  OptionTable,
} from "../api/options/rules.ts";
import { authoritiesOf } from "../api/options/tls_material.ts";
import type { TlsMaterial } from "../contract/tls.ts";
import { MAX_INT32 } from "../util/limits.ts";
import { FAULT_KINDS } from "./fault_effects.ts";
import type { FaultKind, FaultRates } from "./faults.ts";
import type { LinkSettings } from "./path.ts";
import { type FaultProfile, profileOf } from "./profile.ts";

/**
 * How sockets take written bytes. `"counts"`: the system copies what it has room
 * for and says how much. `"borrows"`: it borrows all of them for a while.
 * `"mixed"`: the seed chooses between the two.
 *
 * @category Simulation
 */
export type WriteOwnership = "counts" | "borrows" | "mixed";

/**
 * Options of a {@linkcode SimNetwork}. By default, the latency between hosts is
 * 0.5 ms, the jitter 0.1 ms, and the bandwidth unlimited; within a host a byte
 * takes 10 to 20 µs.
 *
 * @category Simulation
 */
export interface SimNetworkOptions extends LinkSettings {
  /** Decides everything that is left open. A safe integer, default 1. */
  readonly seed?: number | undefined;
  /**
   * The faults that strike by chance, none by default. `"random"`: the seed
   * chooses about half of the kinds, which strike now and then, or a few, which
   * strike often. It also chooses the latency, the bandwidth and the buffer sizes
   * that you leave out. `"gentle"`: the same, but only with kinds of faults that
   * end no connection and make nothing fail. They can delay bytes by seconds, so
   * time-outs of a few seconds fire.
   */
  readonly faults?: FaultRates | FaultProfile | undefined;
  /** Only these faults strike, whatever the rates: ids from {@linkcode SimNetwork.injectedFaults}. By default the rates decide. */
  readonly onlyFaults?: readonly string[] | undefined;
  /** How sockets take written bytes, default `"mixed"`. */
  readonly writes?: WriteOwnership | undefined;
  /** Bytes that the system of a sender holds for a connection. 1 to 2^30, default 65536. */
  readonly sendBufferBytes?: number | undefined;
  /** Bytes that the system of a receiver holds for a connection. 1 to 2^30, default 65536. */
  readonly receiveBufferBytes?: number | undefined;
  /** Milliseconds after which the system gives up a connect. 1 to 2^31 - 1, default 127000. */
  readonly connectGiveUpMs?: number | undefined;
  /** Milliseconds after which the system gives up a connection across a partition, if bytes are under way. 1 to 2^31 - 1, default 900000. */
  readonly sendGiveUpMs?: number | undefined;
  /** The authorities that TLS clients without a `ca` trust, in place of those of their runtime. Default: none. */
  readonly ca?: TlsMaterial | readonly TlsMaterial[] | undefined;
  /** How many of the last lines of the trace are kept. 0 to 2^24, default 4096. */
  readonly traceLimit?: number | undefined;
}

/** {@linkcode SimNetworkOptions} with nothing left out, times in microseconds. */
export interface NetworkSettings {
  readonly seed: number;
  readonly faults: FaultRates;
  readonly onlyFaults: readonly string[] | undefined;
  readonly writes: WriteOwnership;
  readonly link: Filled<LinkSettings>;
  /** Buffer sizes; the seed chooses one for each connection. */
  readonly sendBuffers: readonly number[];
  readonly receiveBuffers: readonly number[];
  readonly connectGiveUp: number;
  readonly sendGiveUp: number;
  readonly ca: readonly TlsMaterial[];
  readonly traceLimit: number;
}

/** The ways in which sockets take what is written. */
export const WRITES: readonly WriteOwnership[] = ["counts", "borrows", "mixed"];
const PROFILES: readonly FaultProfile[] = ["random", "gentle"];
/** A kind of fault, the end of a connection or a host, and which chance. */
const FAULT_ID = /^(\w+)@(?:\d+[ac]|[A-Za-z][A-Za-z0-9-]*)\.[1-9]\d*$/;
const MAX_BUFFER = 2 ** 30;
const LONGEST_LATENCY_MS = 60_000;

/** How bytes travel between two hosts. */
export const LINK_SETTINGS: OptionTable<LinkSettings> = new OptionTable<
  LinkSettings
>({
  latencyMs: number(0, LONGEST_LATENCY_MS, 0.5),
  jitterMs: number(0, LONGEST_LATENCY_MS, 0.1),
  bytesPerSecond: number(1, Infinity, Infinity),
});

type RateRules = Record<FaultKind, OptionRule<number>>;

/** How often faults strike. */
export const FAULT_RATES: OptionTable<FaultRates> = new OptionTable<FaultRates>(
  Object.fromEntries(
    FAULT_KINDS.map((kind) => [kind, number(0, 1, 0)]),
  ) as RateRules,
);

type NetworkOnlyOptions = Omit<SimNetworkOptions, keyof LinkSettings>;

/** The options of a network, but for its links. */
export const SIM_NETWORK_OPTIONS: OptionTable<NetworkOnlyOptions> =
  new OptionTable<
    NetworkOnlyOptions
  >({
    seed: custom("a safe integer", Number.isSafeInteger, 1),
    faults: custom<FaultRates | FaultProfile>(
      `${PROFILES.join(" or ")}, or rates`,
      (value) =>
        typeof value === "object" && value !== null ||
        PROFILES.some((profile) => profile === value),
      {},
    ),
    onlyFaults: custom<readonly string[]>("ids of faults", Array.isArray),
    writes: choice<WriteOwnership>(WRITES, "mixed"),
    sendBufferBytes: integer(1, MAX_BUFFER, 65536),
    receiveBufferBytes: integer(1, MAX_BUFFER, 65536),
    connectGiveUpMs: integer(1, MAX_INT32, 127_000),
    sendGiveUpMs: integer(1, MAX_INT32, 900_000),
    ca: custom<TlsMaterial | readonly TlsMaterial[]>(
      "PEM, as text or bytes, or a list",
      (value) => typeof value === "string" || typeof value === "object",
    ),
    traceLimit: integer(0, 2 ** 24, 4096),
  });

/** Fills in the defaults of `options`. Throws {@linkcode InvalidOptionError}. */
export function networkSettings(options: SimNetworkOptions): NetworkSettings {
  const given = SIM_NETWORK_OPTIONS.given(options) ?? {};
  const settings = { ...SIM_NETWORK_OPTIONS.defaults, ...given };
  const { seed, faults, writes, traceLimit } = settings;
  const profile = typeof faults === "string"
    ? profileOf(faults, seed, given)
    : { faults: FAULT_RATES.given(faults) ?? {} };
  const { sendBuffers, receiveBuffers, link } = profile;
  return {
    seed,
    faults: profile.faults,
    onlyFaults: given.onlyFaults && checkedFaultIds(given.onlyFaults),
    writes,
    link: LINK_SETTINGS.fill(options, { ...LINK_SETTINGS.defaults, ...link }),
    sendBuffers: buffers(
      given.sendBufferBytes,
      sendBuffers,
      settings.sendBufferBytes,
    ),
    receiveBuffers: buffers(
      given.receiveBufferBytes,
      receiveBuffers,
      settings.receiveBufferBytes,
    ),
    connectGiveUp: 1000 * settings.connectGiveUpMs,
    sendGiveUp: 1000 * settings.sendGiveUpMs,
    ca: authoritiesOf(settings.ca, "simulate") ?? [],
    traceLimit,
  };
}

/** The buffer sizes: the one that is given, else those of the profile, else the default. */
function buffers(
  given: number | undefined,
  ofProfile: readonly number[] | undefined,
  byDefault: number,
): readonly number[] {
  return given === undefined ? ofProfile ?? [byDefault] : [given];
}

function checkedFaultIds(ids: readonly string[]): readonly string[] {
  for (const id of ids) {
    const kind = FAULT_ID.exec(id)?.[1];
    const isGood = kind !== undefined && FAULT_KINDS.includes(kind);
    check("the fault", id, isGood, "the id of one, like resets@3c.2");
  }
  return ids;
}
