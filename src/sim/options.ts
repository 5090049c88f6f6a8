import { InvalidOptionError } from "../api/errors.ts";
import type { Filled } from "../api/options.ts";
import { textOf } from "../util/text.ts";
import { FAULT_KINDS } from "./effects.ts";
import type { FaultRates } from "./faults.ts";
import type { LinkSettings } from "./link.ts";
import { type FaultProfile, profileOf } from "./profile.ts";

/**
 * How sockets take what is written: the system copies what it has room for and
 * says how much (`"counts"`), or borrows all of it for a while (`"borrows"`), or
 * now this and now that, by the seed (`"mixed"`).
 */
export type WriteOwnership = "counts" | "borrows" | "mixed";

/**
 * Options of a {@linkcode SimNetwork}. Between hosts the latency is 0.5 ms, the
 * jitter 0.1 ms and the bandwidth without bound, if nothing else is said; within
 * a host a byte takes 10 to 20 µs.
 */
export interface SimNetworkOptions extends LinkSettings {
  /** Decides everything that is left open. A safe integer, default 1. */
  readonly seed?: number | undefined;
  /**
   * The faults that strike by chance, none by default. `"random"`: the seed
   * chooses about half of the kinds, which strike now and then, or a few, which
   * strike often; and with them the latency, the bandwidth and the size of the
   * buffers, as far as they are left out. `"gentle"`: the same, but about half
   * of those kinds only that end no connection and fail nothing.
   */
  readonly faults?: FaultRates | FaultProfile | undefined;
  /** The ids of the faults that strike, whatever the rates, as {@linkcode SimNetwork.injectedFaults} gives them; all if left out. */
  readonly onlyFaults?: readonly string[] | undefined;
  /** How sockets take what is written, default `"mixed"`. */
  readonly writes?: WriteOwnership | undefined;
  /** Bytes that the system of a sender holds for a connection. 1 to 2^30, default 65536. */
  readonly sendBufferBytes?: number | undefined;
  /** Bytes that the system of a receiver holds for a connection. 1 to 2^30, default 65536. */
  readonly receiveBufferBytes?: number | undefined;
  /** Milliseconds after which the system gives up a connect. 1 to 2^31 - 1, default 127000. */
  readonly connectGiveUpMs?: number | undefined;
  /** Milliseconds after which the system gives up a connection across a partition, if bytes are under way. 1 to 2^31 - 1, default 900000. */
  readonly sendGiveUpMs?: number | undefined;
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
  /** Sizes of buffers of which each connection gets one by the seed. */
  readonly sendBuffers: readonly number[];
  readonly receiveBuffers: readonly number[];
  readonly connectGiveUp: number;
  readonly sendGiveUp: number;
  readonly traceLimit: number;
}

const MAX_MS = 2 ** 31 - 1;
const WRITES: readonly WriteOwnership[] = ["counts", "borrows", "mixed"];
/** A kind of fault, the end of a connection or a host, and which chance. */
const FAULT_ID = /^(\w+)@(?:\d+[ac]|[A-Za-z][A-Za-z0-9-]*)\.[1-9]\d*$/;
const PROFILES: readonly FaultProfile[] = ["random", "gentle"];

/** Fills `options` up. Throws {@linkcode InvalidOptionError}. */
export function networkSettings(options: SimNetworkOptions): NetworkSettings {
  const { seed = 1, faults = {}, writes = "mixed" } = options;
  check("seed", seed, Number.isSafeInteger(seed), "must be a safe integer");
  check("writes", writes, WRITES.includes(writes), `is one of ${WRITES}`);
  const profile = typeof faults === "string"
    ? profileOf(faultProfile(faults), seed, options)
    : { faults: checkedRates(faults) };
  const {
    sendBuffers = [65536],
    receiveBuffers = [65536],
    link = {},
  } = profile;
  const { sendBufferBytes, receiveBufferBytes } = options;
  const linkOptions = checkedLink(options);
  return {
    seed,
    faults: profile.faults,
    onlyFaults: options.onlyFaults && checkedFaultIds(options.onlyFaults),
    writes,
    link: {
      latencyMs: linkOptions.latencyMs ?? link.latencyMs ?? 0.5,
      jitterMs: linkOptions.jitterMs ?? link.jitterMs ?? 0.1,
      bytesPerSecond: linkOptions.bytesPerSecond ?? link.bytesPerSecond ??
        Infinity,
    },
    sendBuffers: sendBufferBytes === undefined
      ? sendBuffers
      : [number("sendBufferBytes", sendBufferBytes, 1, 2 ** 30)],
    receiveBuffers: receiveBufferBytes === undefined
      ? receiveBuffers
      : [number("receiveBufferBytes", receiveBufferBytes, 1, 2 ** 30)],
    connectGiveUp: 1000 *
      number("connectGiveUpMs", options.connectGiveUpMs ?? 127_000, 1, MAX_MS),
    sendGiveUp: 1000 *
      number("sendGiveUpMs", options.sendGiveUpMs ?? 900_000, 1, MAX_MS),
    traceLimit: number("traceLimit", options.traceLimit ?? 4096, 0, 2 ** 24),
  };
}

/** `settings` if they are within their ranges. Throws {@linkcode InvalidOptionError}. */
export function checkedLink(settings: LinkSettings): LinkSettings {
  const { latencyMs = 0, jitterMs = 0, bytesPerSecond = 1 } = settings;
  for (const [name, value] of Object.entries({ latencyMs, jitterMs })) {
    const isGood = value >= 0 && value <= 60_000;
    check(name, value, isGood, "must be from 0 to 60000");
  }
  check("bytesPerSecond", bytesPerSecond, bytesPerSecond >= 1, "is too low");
  return settings;
}

/** `value` if it is an integer from `min` to `max`. Throws {@linkcode InvalidOptionError}. */
export function number(
  name: string,
  value: number,
  min: number,
  max: number,
): number {
  const isGood = Number.isInteger(value) && value >= min && value <= max;
  check(name, value, isGood, `must be an integer from ${min} to ${max}`);
  return value;
}

/** Throws {@linkcode InvalidOptionError} unless `isGood`. */
export function check(
  name: string,
  value: unknown,
  isGood: boolean,
  rule: string,
): void {
  if (isGood) return;
  throw new InvalidOptionError(
    `Cannot use ${name} ${textOf(value)}: it ${rule}`,
  );
}

function faultProfile(name: FaultProfile): FaultProfile {
  check("faults", name, PROFILES.includes(name), `is one of ${PROFILES}`);
  return name;
}

function checkedFaultIds(ids: readonly string[]): readonly string[] {
  for (const id of ids) {
    const kind = FAULT_ID.exec(id)?.[1];
    const isGood = kind !== undefined && FAULT_KINDS.includes(kind);
    check("the fault", id, isGood, "must be the id of one, like resets@3c.2");
  }
  return ids;
}

function checkedRates(rates: FaultRates): FaultRates {
  for (const [kind, rate = 0] of Object.entries(rates)) {
    check(kind, rate, rate >= 0 && rate <= 1, "must be from 0 to 1");
  }
  return rates;
}
