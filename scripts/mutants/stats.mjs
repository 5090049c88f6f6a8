// @ts-check

const SIM = "tests/sim/adapter.test.ts";

/** The tests of the conformance suite about stats whose names match. */
const stats = (/** @type {string} */ names) => [
  { file: SIM, only: `counts, seed 1.*sim: stats.*(${names})` },
];

const TRAFFIC = [{ file: SIM, only: "counts, seed 1.*sim: counts of traffic" }];
const EVENTS = [{ file: SIM, only: "counts, seed 1.*sim: diagnostics" }];
const TIMES = [{ file: "tests/stats/sampled_times.test.ts" }];
const THREADS = [{ file: "tests/threads/stats.test.ts" }];
const TEXT = [{ file: "tests/stats/prometheus.test.ts" }];
const ENTRIES = [{ file: "tests/stats/entries.test.ts" }];

/**
 * Bugs in what is counted, and in how it is reported.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const statsMutants = [
  {
    name: "messages-of-a-read-uncounted",
    planted: "messages delivered together from one read are not counted",
    file: "src/io/inbound_buffer.ts",
    old: "this.messagesIn = messagesIn;",
    new: "",
    suites: TRAFFIC,
  },
  {
    name: "queued-sends-uncounted",
    planted: "queued sends are not counted",
    file: "src/io/outbound_buffer.ts",
    old:
      "    this.messagesOut++;\n    if (completion !== undefined) this.#await(",
    new: "    if (completion !== undefined) this.#await(",
    suites: TRAFFIC,
  },
  {
    name: "bytes-in-uncounted",
    planted: "received bytes are not counted when they arrive",
    file: "src/io/inbound_bytes.ts",
    old: "    this.bytesIn += length;\n",
    new: "",
    suites: TRAFFIC,
  },
  {
    name: "drop-of-the-runtime-uncounted",
    planted: "a runtime does not count the connections its listeners drop",
    file: "src/core/listener_drops.ts",
    old: "    this.#all.dropped[reason]++;\n",
    new: "",
    suites: stats("count dropped connections"),
  },
  {
    name: "listener-forgets-the-closed",
    planted: "a listener does not count its closed connections",
    file: "src/core/connector.ts",
    old: "    connection.listenerTally?.close(connection, reason, now);\n",
    new: "",
    suites: TRAFFIC,
  },
  {
    name: "failed-connect-uncounted",
    planted: "a failed connect counts as pending for ever",
    file: "src/core/connector.ts",
    old:
      "            this.connects.fail(error);\n            callbacks.fail(error);",
    new: "            callbacks.fail(error);",
    suites: stats("count failed connects by reason"),
  },
  {
    name: "errors-without-a-bound",
    planted: "errors are counted under whatever name they carry",
    file: "src/stats/error_counts.ts",
    old: "ownClassOf(error) ?? OTHER",
    new: "error.name ?? ownClassOf(error) ?? OTHER",
    suites: stats("count closes by reason"),
  },
  {
    name: "pause-for-ever",
    planted: "a pause still counts as running after the connection has closed",
    file: "src/core/connection.ts",
    old: "    this.#endPause();\n    this.reader",
    new: "    this.reader",
    suites: stats("how long reading was paused"),
  },
  {
    name: "delays-probed-unasked",
    planted:
      "turns are requested to measure the delay although nobody asked for it",
    file: "src/core/reactor_context.ts",
    old: "startedAt < loop.probesEndAt",
    new: "startedAt >= 0",
    suites: [{ file: "tests/sim/simulate.test.ts" }],
  },
  {
    name: "few-timed-for-ever",
    planted: "the sampling stride never shrinks again after a busy period",
    file: "src/stats/sampled_times.ts",
    old: "Math.max(wanted, 1)",
    new: "Math.max(wanted, this.#stride)",
    suites: TIMES,
  },
  {
    name: "the-same-ones-timed",
    planted: "sampling always times the same part of a periodic pattern",
    file: "src/stats/sampled_times.ts",
    old: "return 1 + (this.#chance >>> 16) % (2 * this.#stride - 1);",
    new: "return this.#stride;",
    suites: TIMES,
  },
  {
    name: "failed-request-in-flight",
    planted: "a failed request counts as in flight for ever",
    file: "src/toolkit/requests/client/request_dispatcher.ts",
    old: "    this.#host.tally.fail(this.#counts, error);\n",
    new: "",
    suites: [{ file: "tests/properties/request_dispatcher.test.ts" }],
  },
  {
    name: "lost-request-served-for-ever",
    planted: "a request whose connection is gone counts as in flight for ever",
    file: "src/toolkit/requests/server/served_connection.ts",
    old: "      this.#countFailed(request.failure?.thrown ?? why);\n",
    new: "",
    suites: stats("count requests lost with their connection"),
  },
  {
    name: "refused-request-uncounted",
    planted: "a request whose signal was already aborted is not counted",
    file: "src/toolkit/requests/client/request_dispatcher.ts",
    old:
      "    tally.begin(this.#counts);\n    tally.fail(this.#counts, error);\n",
    new: "",
    suites: stats("count a refused request"),
  },
  {
    name: "kept-attempt-under-way",
    planted:
      "a connect abandoned by a reconnecting client counts as pending for ever",
    file: "src/toolkit/connecting/reconnector.ts",
    old: "    if (isGivenUp) this.#tally.connects.cancelled++;\n",
    new: "",
    suites: stats("each attempt of keepConnected once"),
  },
  {
    name: "told-inside-of-the-call",
    planted: "subscribers run while our state is half changed",
    file: "src/stats/events.ts",
    old: "this.#defer(() => this.#channel?.publish(message));",
    new: "this.#channel?.publish(message);",
    suites: EVENTS,
  },
  {
    name: "few-slow-handlers",
    planted: "only a sample of the slow handlers is reported",
    file: "src/core/connector.ts",
    old: "    this.loop.handlerTimes.channel = this.events.slowHandler;\n",
    new: "",
    suites: EVENTS,
  },
  {
    name: "answer-of-a-gone-worker",
    planted:
      "a late answer from a worker that is gone counts for its successor",
    file: "src/threads/manager/thread_record.ts",
    old: "if (asked === this.#goneWorkers) this.#update(stats);",
    new: "if (asked >= 0) this.#update(stats);",
    suites: [{ file: "tests/threads/thread_record.test.ts" }],
  },
  {
    name: "lost-worker-forgotten",
    planted: "the totals of a worker that has ended are dropped",
    file: "src/threads/manager/thread_record.ts",
    old:
      '      this.#past.add(this.#kind.ended(this.#last, "WorkerExitedError"));\n',
    new: "",
    suites: THREADS,
  },
  {
    name: "busy-thread-current",
    planted: "old stats of a busy thread are reported as current",
    file: "src/threads/manager/thread_record.ts",
    old: "    this.#isCurrent = false;\n    return",
    new: "    return",
    suites: THREADS,
  },
  {
    name: "closed-listener-forgotten",
    planted: "a closed listenAll listener loses its accept counts",
    file: "src/threads/worker/listener_parts.ts",
    old: "part.onceEnded(resolve)",
    new: "part.onceClosed(resolve)",
    suites: THREADS,
  },
  {
    name: "own-latency-untimed",
    planted:
      "the latency of a client's or server's own requests is not recorded",
    file: "src/stats/request_tally.ts",
    old: "own.latency.record(this.#times.end(startedAt));",
    new: "this.#times.end(startedAt);",
    suites: stats("how long answers took"),
  },
  {
    name: "label-unescaped",
    planted: "a quotation mark in a label is not escaped",
    file: "src/stats/prometheus.ts",
    old: 'text.replace(/[\\\\"]/g, "\\\\$&").replaceAll',
    new: "text.replaceAll",
    suites: TEXT,
  },
  {
    name: "asked-for-each-metric",
    planted: "a registry collects all stats once per metric",
    file: "src/entries/prometheus.ts",
    old: "return this.#answer ??= this.#ask()",
    new: "return this.#answer = this.#ask()",
    suites: ENTRIES,
  },
  {
    name: "quantile-never-measured",
    planted: "a quantile may exceed the longest time measured",
    file: "src/stats/histogram.ts",
    old: "return Math.min(Math.max(estimate, minMs), maxMs);",
    new: "return estimate;",
    suites: [{ file: "tests/stats/histogram.test.ts" }],
  },
  {
    name: "nothing-is-the-shortest",
    planted: "a histogram without samples contributes a minimum of zero",
    file: "src/stats/histogram_sum.ts",
    old: ".filter(({ count }) => count > 0)\n",
    new: "\n",
    suites: [{ file: "tests/stats/histogram.test.ts" }],
  },
  {
    name: "peaks-added-up",
    planted: "the peak queue sizes of threads are added up",
    file: "src/stats/traffic.ts",
    old: "    sum.bytesQueuedPeak = peak;\n",
    new: "",
    suites: [{ file: "tests/stats/traffic.test.ts" }],
  },
  {
    name: "lost-connections-vanish",
    planted: "connections of a lost thread count as neither open nor closed",
    file: "src/stats/listener_sum.ts",
    old: "closed: plus(stats.closed, how, stats.open),",
    new: "closed: stats.closed,",
    suites: [{ file: "tests/threads/stats.test.ts" }],
  },
  {
    name: "cancelled-connect-under-way",
    planted: "a cancelled connect counts as pending for ever",
    file: "src/stats/connect_tally.ts",
    old: "this.opened + this.cancelled + this.#failedCount",
    new: "this.opened + this.#failedCount",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "counts, seed 1.*sim: stats",
    }],
  },
  {
    name: "monitoring-in-milliseconds",
    planted: "monitoring gets milliseconds instead of seconds",
    file: "src/stats/series.ts",
    old: 'metric.unit === "ms" ? MS_PER_SECOND : 1',
    new: "1",
    suites: [{ file: "tests/stats/prometheus.test.ts" }],
  },
  {
    name: "buckets-shifted",
    planted: "a histogram bucket leaves out times equal to its upper bound",
    file: "src/stats/series.ts",
    old: "for (; next <= last; next++)",
    new: "for (; next < last; next++)",
    suites: [{ file: "tests/stats/prometheus.test.ts" }],
  },
  {
    name: "label-of-ours-overwritten",
    planted: "a program's label replaces one of the library's own",
    file: "src/stats/prometheus.ts",
    old: " && !RESERVED.includes(name) &&",
    new: " &&",
    suites: [{ file: "tests/stats/prometheus.test.ts" }],
  },
  {
    name: "times-without-unit",
    planted: "OpenTelemetry gets times without the unit of seconds",
    file: "src/entries/opentelemetry.ts",
    old: 'isTime ? "s" : unit === "bytes"',
    new: 'unit === "bytes"',
    suites: [{ file: "tests/stats/entries.test.ts" }],
  },
  {
    name: "still-queued-where-nobody-is",
    planted: "the queue of a dead worker counts as queued for ever",
    file: "src/stats/runtime_sum.ts",
    old: "commands: { ...stats.commands, queued: 0, waiting: 0 },",
    new: "commands: { ...stats.commands, waiting: 0 },",
    suites: [{ file: "tests/stats/sums.test.ts" }],
  },
];
