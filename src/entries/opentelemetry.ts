/**
 * Exports the statistics of runtimes and threads as instruments of
 * [`@opentelemetry/api`](https://www.npmjs.com/package/@opentelemetry/api).
 * Install that package, and the SDK that collects the instruments.
 *
 * @example
 * ```ts
 * import { metrics } from "@opentelemetry/api";
 * import { ReactRuntime } from "@reactio/reactio";
 * import { observeStats } from "@reactio/reactio/opentelemetry";
 *
 * await using runtime = new ReactRuntime();
 * const stop = observeStats(runtime, { meter: metrics.getMeter("my-program") });
 * stop();
 * ```
 *
 * @module
 */

import { checkArgument } from "../api/check_argument.ts";
import { readOption } from "../api/options/rules.ts";
import {
  type BatchObservableCallback,
  type Meter,
  metrics,
  type Observable,
} from "@opentelemetry/api";
import { type Metric, METRICS } from "../stats/metrics.ts";
import { type Sample, seriesOf } from "../stats/series.ts";
import type { StatsSource } from "../stats/stats.ts";

export type { StatsSource };

/**
 * The part of a `Meter` of `@opentelemetry/api` that is used here.
 *
 * @category Statistics
 */
export interface InstrumentMeter {
  /**
   * Creates an instrument for a value that goes up and down.
   *
   * @param name The name of the instrument.
   * @param options Its description and unit.
   * @returns The instrument.
   */
  createObservableGauge(name: string, options: object): object;
  /**
   * Creates an instrument for a value that only grows.
   *
   * @param name The name of the instrument.
   * @param options Its description and unit.
   * @returns The instrument.
   */
  createObservableCounter(name: string, options: object): object;
  /**
   * Registers a callback that observes several instruments together.
   *
   * @param callback Observes the instruments at each collection.
   * @param observables The instruments.
   */
  addBatchObservableCallback(callback: never, observables: never): void;
  /**
   * Removes a callback from `addBatchObservableCallback`.
   *
   * @param callback The callback.
   * @param observables The instruments that it was added with.
   */
  removeBatchObservableCallback(callback: never, observables: never): void;
}

/**
 * Options of {@linkcode observeStats}.
 *
 * @category Statistics
 */
export interface ObserveStatsOptions {
  /**
   * The meter that creates the instruments. Default: the meter
   * `@reactio/reactio` of the global provider.
   */
  readonly meter?: InstrumentMeter | undefined;
}

/** The prefix of every instrument's name. */
const PREFIX = "reactio.";

/**
 * Creates observable instruments for the statistics of `source`. Each
 * collection asks `source` for them once.
 *
 * Counters and gauges have their documented names, prefixed with `reactio.`. A
 * histogram becomes three counters: `.bucket`, whose attribute `le` is the
 * upper bound of a bucket, `.sum` and `.count`. Times are in seconds, so their
 * names lack the `Ms`: `reactio.uptime`, `reactio.pausedTime`.
 *
 * @param source A runtime, or threads; their values have the attribute
 *   `thread`.
 * @param options Which meter to use.
 * @returns A function that stops observing `source`.
 * @throws {InvalidArgumentError} If `source` has no statistics, or the meter is none.
 *
 * @category Statistics
 */
export function observeStats(
  source: StatsSource,
  options: ObserveStatsOptions = {},
): () => void {
  checkArgument(source, "a source of statistics", "stats");
  const given = readOption(options, "meter") ??
    metrics.getMeter("@reactio/reactio");
  checkArgument(given, "a meter", "createObservableGauge");
  const meter = given as Meter;
  const instruments = new Map<string, Observable>();
  for (const metric of METRICS) {
    if (metric.series === undefined) continue;
    for (const suffix of suffixesOf(metric)) {
      instruments.set(
        metric.series + suffix,
        instrument(meter, metric, suffix),
      );
    }
  }
  const observe: BatchObservableCallback = async (result) => {
    for (const { name, samples } of seriesOf(await source.stats())) {
      for (const { suffix, labels, value } of samples) {
        const found = instruments.get(name + suffix) as Observable;
        result.observe(found, value, labels);
      }
    }
  };
  const all = [...instruments.values()];
  meter.addBatchObservableCallback(observe, all);
  return () => meter.removeBatchObservableCallback(observe, all);
}

function suffixesOf({ kind }: Metric): readonly Sample["suffix"][] {
  return kind === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
}

/**
 * Removes the unit, since times are in seconds here: `uptime`, `pausedTime`.
 */
function withoutUnit(name: string): string {
  return name.replace(/timeMs$/, "time").replace(/Ms$/, "Time");
}

function instrument(
  meter: Meter,
  { name, kind, unit, meaning }: Metric,
  suffix: Sample["suffix"],
): Observable {
  const isTime = unit === "ms" && (suffix === "" || suffix === "_sum");
  const options = {
    description: meaning,
    unit: isTime ? "s" : unit === "bytes" ? "By" : "1",
  };
  const full = PREFIX + withoutUnit(name) + suffix.replace("_", ".");
  return kind === "gauge"
    ? meter.createObservableGauge(full, options)
    : meter.createObservableCounter(full, options);
}
