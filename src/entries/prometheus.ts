/**
 * Adds the statistics of runtimes and threads to a registry of
 * [`prom-client`](https://www.npmjs.com/package/prom-client), beside the
 * metrics of your program. Install that package.
 *
 * @example
 * ```ts
 * import { ReactRuntime } from "@reactio/reactio";
 * import { registerStats } from "@reactio/reactio/prometheus";
 * import { register } from "prom-client";
 *
 * await using runtime = new ReactRuntime();
 * registerStats(runtime);
 * const text = await register.metrics(); // what GET /metrics is answered
 * console.log(text.includes("reactio_connections_open 0")); // true
 * ```
 *
 * @module
 */

import { checkArgument } from "../api/check_argument.ts";
import { register } from "prom-client";
import { InvalidOptionError } from "../api/errors.ts";
import { type MetricKind, METRICS } from "../stats/metrics.ts";
import {
  PROMETHEUS_OPTIONS,
  type PrometheusOptions,
} from "../stats/prometheus.ts";
import { type Series, seriesOf } from "../stats/series.ts";
import type { StatsSource } from "../stats/stats.ts";

export type { PrometheusOptions, StatsSource };

/**
 * The part of a `Registry` of `prom-client` that is used here.
 *
 * @category Statistics
 */
export interface MetricRegistry {
  /**
   * Adds a metric.
   *
   * @param metric The metric.
   */
  registerMetric(metric: never): void;
  /**
   * Returns the metric of a name; undefined if there is none.
   *
   * @param name The name of the metric.
   * @returns The metric, or undefined.
   */
  getSingleMetric(name: string): unknown;
  /**
   * Removes the metric of a name.
   *
   * @param name The name of the metric.
   */
  removeSingleMetric(name: string): void;
}

/**
 * Options of {@linkcode registerStats}.
 *
 * @category Statistics
 */
export interface RegisterStatsOptions extends PrometheusOptions {
  /** The registry. Default: the global one of `prom-client`. */
  readonly registry?: MetricRegistry | undefined;
}

/**
 * Adds the statistics of `source` to a registry. Each scrape asks `source` for
 * them once.
 *
 * @param source A runtime, or threads; their values have the label `thread`.
 * @param options The registry, a prefix for the names, and labels.
 * @returns A function that removes them from the registry.
 * @throws {InvalidArgumentError} If `source` has no statistics, or the registry is none.
 * @throws {InvalidOptionError} If an option is invalid, or the registry already
 *   has metrics with these names, for example those of another runtime: then
 *   use a different `prefix`.
 *
 * @category Statistics
 */
export function registerStats(
  source: StatsSource,
  options: RegisterStatsOptions = {},
): () => void {
  checkArgument(source, "a source of statistics", "stats");
  const { prefix, labels = {} } = PROMETHEUS_OPTIONS.fill(options);
  const { registry = register } = options;
  checkArgument(registry, "a registry", "registerMetric");
  const query = new SharedQuery(source, labels);
  const metrics = METRICS.flatMap(({ series, kind }) =>
    series === undefined ? [] : new StatsMetric(prefix, series, kind, query)
  );
  for (const { name } of metrics) {
    if (registry.getSingleMetric(name) === undefined) continue;
    throw new InvalidOptionError(
      `Cannot use prefix "${prefix}": the registry already has ${name}`,
    );
  }
  for (const metric of metrics) {
    registry.registerMetric(metric as never);
  }
  return () => {
    for (const { registeredAs } of metrics) {
      registry.removeSingleMetric(registeredAs);
    }
  };
}

/** Asks the source once for all metrics that a registry reads together. */
class SharedQuery {
  readonly #source: StatsSource;
  readonly #labels: Readonly<Record<string, string>>;
  #answer: Promise<Map<string, Series>> | undefined = undefined;

  constructor(
    source: StatsSource,
    labels: Readonly<Record<string, string>>,
  ) {
    this.#source = source;
    this.#labels = labels;
  }

  series(): Promise<Map<string, Series>> {
    return this.#answer ??= this.#ask().finally(() => this.#answer = undefined);
  }

  async #ask(): Promise<Map<string, Series>> {
    const all = seriesOf(await this.#source.stats(), this.#labels);
    return new Map(all.map((series) => [series.name, series]));
  }
}

/** A metric as `prom-client` expects it. */
class StatsMetric {
  /** An OpenMetrics registry renames counters. */
  name: string;
  readonly registeredAs: string;
  readonly type: MetricKind;
  readonly aggregator = "sum";
  readonly #series: string;
  readonly #query: SharedQuery;

  constructor(
    prefix: string,
    series: string,
    type: MetricKind,
    query: SharedQuery,
  ) {
    this.name = this.registeredAs = prefix + series;
    this.type = type;
    this.#series = series;
    this.#query = query;
  }

  async get(): Promise<object> {
    const series = await this.#query.series();
    const { help, samples } = series.get(this.#series) as Series;
    const { name, type, aggregator } = this;
    const values = samples.map(({ suffix, labels, value }) =>
      suffix === ""
        ? { labels, value }
        : { labels, value, metricName: name + suffix }
    );
    return { name, help, type, values, aggregator };
  }

  /** The counters of a runtime cannot be reset. */
  reset(): void {}
}
