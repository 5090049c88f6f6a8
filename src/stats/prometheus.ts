/**
 * Statistics in the format of Prometheus.
 *
 * @module
 */

import { custom, OptionTable } from "../api/options/rules.ts";
import { type Labels, type Sample, type Series, seriesOf } from "./series.ts";
import type { RuntimeStats, ThreadsStats } from "./stats.ts";

/**
 * Options of {@linkcode formatPrometheus}.
 *
 * @category Statistics
 */
export interface PrometheusOptions {
  /** The prefix of every series name: letters, digits, `_` and `:`, not beginning with a digit. Default `"reactio_"`. */
  readonly prefix?: string | undefined;
  /** Labels for every value, by name. Names are letters, digits and `_`, do not begin with a digit, and are not `reason`, `error`, `thread` or `le`. Default: none. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

const RESERVED = ["reason", "error", "thread", "le"];

function isPrefix(value: unknown): boolean {
  return typeof value === "string" && /^([A-Za-z_:][\w:]*)?$/.test(value);
}

function areLabels(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).every(([name, text]) =>
    /^[A-Za-z_]\w*$/.test(name) && !RESERVED.includes(name) &&
    typeof text === "string"
  );
}

/** The options of {@linkcode formatPrometheus}. */
export const PROMETHEUS_OPTIONS: OptionTable<PrometheusOptions> =
  new OptionTable<PrometheusOptions>({
    prefix: custom<string>(
      "letters, digits, _ and :, not beginning with a digit",
      isPrefix,
      "reactio_",
    ),
    labels: custom<Labels>(
      "an object of strings, whose names consist of letters, digits and _, do not begin with a digit, and are not reserved",
      areLabels,
    ),
  });

/**
 * Formats the statistics of a runtime, or of all threads, as text for Prometheus, in
 * its format 0.0.4. Serve it in answer to `GET /metrics` as
 * `text/plain; version=0.0.4`.
 *
 * Times are in seconds. Values of threads have the label `thread`. The labels
 * `reason`, `error`, `thread` and `le` have as many values as the library has
 * reasons, classes of errors, threads and buckets.
 *
 * @param stats The statistics of a runtime, or of all threads.
 * @param options The prefix of names, and labels for every value.
 * @returns The text; every line ends with a line break.
 * @throws {InvalidArgumentError} If `stats` are no statistics.
 * @throws {InvalidOptionError} If an option is invalid.
 *
 * @example
 * ```ts
 * import { formatPrometheus, ReactRuntime } from "@reactio/reactio";
 *
 * await using runtime = new ReactRuntime();
 * const text = formatPrometheus(runtime.stats(), { labels: { app: "chat" } });
 * console.log(text.includes('reactio_connections_open{app="chat"} 0\n')); // true
 * ```
 *
 * @category Statistics
 */
export function formatPrometheus(
  stats: RuntimeStats | ThreadsStats,
  options: PrometheusOptions = {},
): string {
  const { prefix, labels } = PROMETHEUS_OPTIONS.fill(options);
  return seriesOf(stats, labels).map((series) => seriesText(series, prefix))
    .join("");
}

function seriesText(
  { name, kind, help, samples }: Series,
  prefix: string,
): string {
  const full = prefix + name;
  return [
    `# HELP ${full} ${help}`,
    `# TYPE ${full} ${kind}`,
    ...samples.map((sample) => full + sampleText(sample)),
  ].map((line) => `${line}\n`).join("");
}

function sampleText({ suffix, labels, value }: Sample): string {
  const pairs = Object.entries(labels)
    .map(([name, text]) => `${name}="${escaped(text)}"`);
  const all = pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
  return `${suffix}${all} ${value}`;
}

function escaped(text: string): string {
  return text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
}
