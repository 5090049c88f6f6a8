/** The targets, and whether they are met. */

import type { Measurement } from "./experiments/experiment.ts";
import { FEW, MANY } from "./experiments/garbage.ts";
import type { Results, Samples } from "./results.ts";
import { ratios, type Spread, spreadOf } from "./stats.ts";

/** A bound on a measured value. */
export interface Target {
  /** The name of the experiment. */
  readonly experiment: string;
  readonly what: string;
  /** The value of Reactio, round by round. */
  measure(samples: Samples, runtime: string): Spread | undefined;
  /** The bound, on `runtime`. */
  limit(runtime: string): number;
  /** Whether the value should be at least or at most the limit. */
  readonly sense: "at least" | "at most";
}

const OURS = "Reactio";

/**
 * A target for the ratio of `key` of Reactio, or of the subject `ours`, to that
 * of `control`: `limit`, or `onDeno` on Deno.
 */
function against(
  experiment: string,
  control: string,
  key: keyof typeof TITLES,
  sense: Target["sense"],
  limit: number,
  onDeno = limit,
  ours = OURS,
): Target {
  return {
    experiment,
    what: `${TITLES[key]} against ${control}`,
    measure(samples, runtime) {
      const name = controlOn(runtime, experiment, control);
      if (!samples[ours]?.length || !samples[name]?.length) return undefined;
      return ratios(samples[ours], samples[name], key);
    },
    limit: (runtime) => runtime === "deno" ? onDeno : limit,
    sense,
  };
}

const TITLES = {
  perSecond: "messages a second",
  cpuNs: "processor time",
  p50: "round trip (p50)",
};

/** Deno's own sockets serve 500 connections unfairly, so there the control is its `node:net`. */
function controlOn(runtime: string, experiment: string, control: string) {
  return runtime === "deno" && experiment === "500x1x128" && control === "raw"
    ? "raw node:net"
    : control;
}

/** A target for a value computed from each of Reactio's own samples. */
function own(
  experiment: string,
  what: string,
  limit: number,
  value: (sample: Measurement, control: Measurement | undefined) => number,
): Target {
  return {
    experiment,
    what,
    measure(samples) {
      if (!samples[OURS]?.length) return undefined;
      return spreadOf(
        samples[OURS].map((it, round) => value(it, samples.raw?.[round])),
      );
    },
    limit: () => limit,
    sense: "at most",
  };
}

/** A target for one way to answer relative to another. */
function answering(
  experiment: string,
  control: string,
  limit: number,
  ours: string,
): Target {
  return {
    ...against(
      experiment,
      control,
      "perSecond",
      "at least",
      limit,
      limit,
      ours,
    ),
    what: `messages a second by ${ours}, against ${control}`,
  };
}

/** A target for a codec relative to framing by hand. */
const CODEC_TARGET: Target = {
  experiment: "framed",
  what: "messages a second by lengthPrefixed against framing by hand",
  measure(samples) {
    const ours = samples["Reactio, lengthPrefixed"];
    const control = samples["Reactio, framed by hand"];
    if (!ours?.length || !control?.length) return undefined;
    return ratios(ours, control, "perSecond");
  },
  limit: () => 0.95,
  sense: "at least",
};

const NEVER_SLOWER = ["1x1x32", "50x16x128", "50x64x32", "500x1x128"]
  .concat("4x1x64K", "4x1M", "churn")
  .map((it) => against(it, "careful", "perSecond", "at least", 1));

/** In bytes; every object is larger. */
const LESS_THAN_AN_OBJECT = 8;

/**
 * The bytes per message are `a / messages per read + b`, where `b` is the cost
 * of a message by itself. The raw echo knows no messages, so its `b` shows the
 * error of the engine's own accounting.
 */
const GARBAGE_TARGET: Target = {
  experiment: "garbage",
  what: "bytes for a message, apart from those for a read, over raw",
  measure(samples) {
    const ours = bytesOfMessages(samples, OURS);
    const raw = bytesOfMessages(samples, "raw");
    if (ours.length === 0 || raw.length === 0) return undefined;
    return spreadOf(ours.map((bytes, round) => bytes - raw[round]));
  },
  limit: () => LESS_THAN_AN_OBJECT,
  sense: "at most",
};

/** The bytes that each message costs by itself, round by round. */
function bytesOfMessages(samples: Samples, server: string): number[] {
  const few = samples[`${server} ${FEW}`] ?? [];
  const many = samples[`${server} ${MANY}`] ?? [];
  if (few.length !== many.length) return [];
  return few.map(({ bytesPerMessage }, round) =>
    (MANY * many[round].bytesPerMessage - FEW * bytesPerMessage) / (MANY - FEW)
  );
}

/**
 * A target for TLS: never slower than hand-written `node:tls`, with framing
 * (`framed`) or without.
 */
function inTls(shape: string, framed = ""): Target {
  const control = `node:tls${framed}`;
  const ours = `Reactio, TLS${framed}`;
  return {
    ...against(`tls-${shape}`, control, "perSecond", "at least", 1, 1, ours),
    what: `messages a second in TLS${framed} against ${control}`,
  };
}

export const TARGETS: readonly Target[] = [
  against("1x1x32", "raw", "p50", "at most", 1.05),
  against("1x1x32", "raw", "cpuNs", "at most", 1.1),
  against("50x16x128", "raw", "perSecond", "at least", 0.95, 0.9),
  against("50x16x128", "naive", "perSecond", "at least", 8),
  against("50x64x32", "raw", "perSecond", "at least", 0.85),
  against("50x64x32", "naive", "perSecond", "at least", 8),
  against("500x1x128", "raw", "perSecond", "at least", 0.97),
  against("500x1x128", "raw", "cpuNs", "at most", 1.1),
  own("500x1x128", "p99.9 / p50", 8, ({ p999, p50 }) => p999 / p50),
  against("4x1x64K", "raw", "perSecond", "at least", 0.98),
  against("4x1M", "raw", "perSecond", "at least", 0.98),
  ...NEVER_SLOWER,
  against("counting", "Reactio, uncounted", "cpuNs", "at most", 1.02),
  ...["1x1x32", "50x16x128", "4x1x64K"].flatMap((shape) => [
    inTls(shape),
    inTls(shape, ", framed"),
  ]),
  own(
    "idle",
    "KiB of heap over raw, for a connection",
    1.5,
    ({ heap }, raw) => (heap - (raw?.heap ?? 0)) / 1024,
  ),
  GARBAGE_TARGET,
  answering("sending", "Reactio", 0.93, "Reactio, sendOrQueue"),
  answering("sending", "Reactio, view made", 0.97, "Reactio, sendOrQueue"),
  answering("encoded", "careful, encoded", 0.95, "Reactio, encoded"),
  CODEC_TARGET,
  own(
    "deferred",
    "µs to add and to fire a command",
    1,
    ({ addAndFireNs }) => addAndFireNs / 1000,
  ),
];

/** The outcome of a target on a runtime. */
export interface Verdict {
  readonly spread: Spread;
  /** `near`: missed, but met in at least a quarter of the rounds. */
  readonly outcome: "reached" | "near" | "missed";
}

/** Returns `undefined` if it was not measured. */
export function judge(
  target: Target,
  results: Results,
  runtime: string,
): Verdict | undefined {
  const samples = results.experiments[target.experiment]?.[runtime];
  const spread = samples && target.measure(samples, runtime);
  if (spread === undefined) return undefined;
  const limit = target.limit(runtime);
  const isAtLeast = target.sense === "at least";
  const isWithin = (it: number) => isAtLeast ? it >= limit : it <= limit;
  const best = isAtLeast ? spread.high : spread.low;
  return {
    spread,
    outcome: isWithin(spread.median)
      ? "reached"
      : isWithin(best)
      ? "near"
      : "missed",
  };
}
