/** Renders the table of each experiment in Markdown. */

import { CONNECTIONS, SERVERS } from "./experiments/growth.ts";
import { short, shortSpread, table, titleOf } from "./format.ts";
import type { Samples } from "./results.ts";
import { ratios, spread } from "./stats.ts";

/** Samples by runtime. */
export type ByRuntime = Readonly<Record<string, Samples>>;

/** A column: its title, and the function that renders the cell of a subject. */
type Column = readonly [
  title: string,
  cell: (samples: Samples, subject: string) => string,
];

/** A row for each subject of each runtime. */
function rows(columns: readonly Column[]): (results: ByRuntime) => string {
  return (results) =>
    table(
      ["", ...columns.map(([title]) => title)],
      Object.entries(results).flatMap(([runtime, samples]) =>
        Object.keys(samples).filter((it) => samples[it].length > 0).map((
          subject,
        ) => [
          `${titleOf(runtime)} ${subject}`,
          ...columns.map(([, cell]) => cell(samples, subject)),
        ])
      ),
    );
}

/** The median of `key`, divided by `unit`. */
function value(title: string, key: string, unit = 1): Column {
  return [title, (samples, subject) => {
    const { median } = spread(samples[subject], key);
    return Number.isFinite(median) ? short(median / unit) : "";
  }];
}

function withSpread(title: string, key: string, unit = 1): Column {
  return [title, (samples, subject) => {
    const { median, low, high } = spread(samples[subject], key);
    return shortSpread({
      median: median / unit,
      low: low / unit,
      high: high / unit,
    });
  }];
}

/** The median ratio of `key` to that of `control`. */
function ratio(title: string, control: string, key: string): Column {
  return [title, (samples, subject) => {
    if (subject === control || !samples[control]?.length) return "";
    return short(ratios(samples[subject], samples[control], key).median);
  }];
}

const COST: readonly Column[] = [
  value("CPU ns/msg", "cpuNs"),
  ratio("CPU / raw", "raw", "cpuNs"),
];

const LATENCY: readonly Column[] = [
  value("p50 µs", "p50"),
  value("p99 µs", "p99"),
  value("p99.9 µs", "p999"),
  value("max µs", "max"),
];

const SHARES: readonly Column[] = [
  value("server busy", "serverShare"),
  value("generator busy", "generatorShare"),
];

const ECHO = rows([
  withSpread("messages/s", "perSecond"),
  ratio("/ raw", "raw", "perSecond"),
  ratio("/ careful", "careful", "perSecond"),
  ratio("/ naive", "naive", "perSecond"),
  ...COST,
  ...LATENCY,
  ...SHARES,
]);

const ONE_WAY = rows([
  withSpread("MiB/s", "perSecond"),
  ratio("/ raw", "raw", "perSecond"),
  ratio("/ careful", "careful", "perSecond"),
  ...COST,
  ...SHARES,
]);

const CHURN = rows([
  withSpread("connections/s", "perSecond"),
  ratio("/ raw", "raw", "perSecond"),
  ratio("/ careful", "careful", "perSecond"),
  ["CPU µs each", value("", "cpuNs", 1000)[1]],
  ratio("CPU / raw", "raw", "cpuNs"),
  ...LATENCY,
  ...SHARES,
]);

/** Processor time by number of connections: a row for each server, a column for each number. */
function growth(results: ByRuntime): string {
  const lines = Object.entries(results).flatMap(([runtime, samples]) =>
    SERVERS.map((server) => [
      `${titleOf(runtime)} ${server}`,
      ...CONNECTIONS.map((count) => {
        const runs = samples[`${server} ${count}`] ?? [];
        return runs.length > 0 ? shortSpread(spread(runs, "cpuNs")) : "";
      }),
    ])
  );
  return table(["CPU ns/msg", ...CONNECTIONS.map(String)], lines);
}

/** System calls per message: the total, and the most frequent ones. */
const SYSCALLS = rows([
  value("calls/message", "total"),
  ["of these", (samples, subject) => {
    const [sample] = samples[subject];
    return Object.entries(sample)
      .filter(([name, count]) => name !== "total" && count >= 0.02)
      .sort(([, a], [, b]) => b - a)
      .map(([name, count]) => `${name} ${short(count)}`).join(", ");
  }],
]);

/** Compares two ways to answer: a row for each, relative to the first. */
function answering(control: string): (results: ByRuntime) => string {
  return rows([
    withSpread("messages/s", "perSecond"),
    ratio(`/ ${control}`, control, "perSecond"),
    value("CPU ns/msg", "cpuNs"),
    ratio(`CPU / ${control}`, control, "cpuNs"),
    ...SHARES,
  ]);
}

/** Renderers by the name of the experiment; `ECHO` serves all others. */
const TABLES: Readonly<Record<string, (results: ByRuntime) => string>> = {
  "4x1M": ONE_WAY,
  churn: CHURN,
  sending: answering("Reactio"),
  encoded: answering("careful, encoded"),
  framed: answering("Reactio, framed by hand"),
  counting: answering("Reactio, uncounted"),
  "counting-alone": rows([value("ns/message", "cpuNs")]),
  growth,
  idle: rows([
    withSpread("heap B", "heap"),
    withSpread("outside the heap B", "external"),
    withSpread("resident B", "rss"),
  ]),
  garbage: rows([
    value("messages", "messages"),
    value("bytes/message", "bytesPerMessage"),
    value("collections/million", "collectionsPerMillion"),
  ]),
  syscalls: SYSCALLS,
  commands: rows([
    withSpread("commands/s", "perSecond"),
    value("ns each", "ns"),
    value("CPU ns each", "cpuNs"),
  ]),
  deferred: rows([
    withSpread("add µs", "addNs", 1000),
    withSpread("fire µs", "fireNs", 1000),
    withSpread("both µs", "addAndFireNs", 1000),
    withSpread("add again µs", "addAgainNs", 1000),
    withSpread("cancel µs", "cancelNs", 1000),
  ]),
  lines: rows([withSpread("ns/line", "ns"), value("ns/byte", "nsPerByte")]),
  threads: rows([
    withSpread("commands/s", "perSecond"),
    ratio("/ each", "postMessage each", "perSecond"),
    value("CPU ns each", "cpuNs"),
    value("round trip p50 µs", "p50"),
    value("p99 µs", "p99"),
  ]),
};

/** The table of the experiment called `name`. */
export function tableOf(name: string, results: ByRuntime): string {
  return (TABLES[name] ?? ECHO)(results);
}
