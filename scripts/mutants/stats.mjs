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
 * Bugs of what is counted, and of how it is told.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const statsMutants = [
  {
    name: "messages-of-a-read-uncounted",
    planted: "messages that are laid out together are not counted",
    file: "src/io/inbound_buffer.ts",
    old: "          messageCount++;\n",
    new: "",
    suites: TRAFFIC,
  },
  {
    name: "queued-sends-uncounted",
    planted: "sends that are queued are not counted",
    file: "src/io/outbound_buffer.ts",
    old:
      "    this.messagesOut++;\n    if (completion !== undefined) this.#await(",
    new: "    if (completion !== undefined) this.#await(",
    suites: TRAFFIC,
  },
  {
    name: "bytes-in-uncounted",
    planted: "bytes that come in are counted once they are handed out",
    file: "src/io/inbound_bytes.ts",
    old: "    this.bytesIn += length;\n",
    new: "",
    suites: TRAFFIC,
  },
  {
    name: "drop-of-the-runtime-uncounted",
    planted: "a runtime does not count what its listeners drop",
    file: "src/core/listener_drops.ts",
    old: "    this.#all.dropped[reason]++;\n",
    new: "",
    suites: stats("were dropped"),
  },
  {
    name: "listener-forgets-the-closed",
    planted: "a listener forgets the connections that are closed",
    file: "src/core/connector.ts",
    old: "    connection.listenerTally?.close(connection, reason, now);\n",
    new: "",
    suites: TRAFFIC,
  },
  {
    name: "failed-connect-uncounted",
    planted: "a connect that fails is under way for ever",
    file: "src/core/connector.ts",
    old:
      "            this.connects.fail(error);\n            callbacks.fail(error);",
    new: "            callbacks.fail(error);",
    suites: stats("why connects failed"),
  },
  {
    name: "errors-without-a-bound",
    planted: "errors are counted by whatever name they have",
    file: "src/stats/error_counts.ts",
    old: "ownClassOf(error) ?? OTHER",
    new: "error.name ?? ownClassOf(error) ?? OTHER",
    suites: stats("why connections were closed"),
  },
  {
    name: "pause-for-ever",
    planted: "a pause goes on when the connection is closed",
    file: "src/core/connection.ts",
    old: "    this.#endPause();\n    this.reader",
    new: "    this.reader",
    suites: stats("how long reading was paused"),
  },
  {
    name: "delays-probed-unasked",
    planted: "turns are asked for though nobody wants to know the delay",
    file: "src/core/turn_loop.ts",
    old: "startedAt < this.#probesEndAt &&",
    new: "startedAt >= 0 &&",
    suites: [{ file: "tests/sim/simulate.test.ts" }],
  },
  {
    name: "few-timed-for-ever",
    planted: "what came often once is never timed as often again",
    file: "src/stats/sampled_times.ts",
    old: "Math.max(wanted, 1)",
    new: "Math.max(wanted, this.#stride)",
    suites: TIMES,
  },
  {
    name: "the-same-ones-timed",
    planted: "of what comes in turn the same are timed again and again",
    file: "src/stats/sampled_times.ts",
    old: "return 1 + (this.#chance >>> 16) % (2 * this.#stride - 1);",
    new: "return this.#stride;",
    suites: TIMES,
  },
  {
    name: "failed-request-in-flight",
    planted: "a request that fails is in flight for ever",
    file: "src/toolkit/requests/client/request_dispatcher.ts",
    old: "    this.#host.tally.fail(this.#counts, error);\n",
    new: "",
    suites: [{ file: "tests/properties/request_dispatcher.test.ts" }],
  },
  {
    name: "lost-request-served-for-ever",
    planted: "a request whose connection is gone is served for ever",
    file: "src/toolkit/requests/server/served_connection.ts",
    old: "      this.#countFailed(request.failure?.thrown ?? why);\n",
    new: "",
    suites: stats("a connection takes with it"),
  },
  {
    name: "refused-request-uncounted",
    planted: "a request whose signal was aborted before is in no statistic",
    file: "src/toolkit/requests/client/request_dispatcher.ts",
    old:
      "    tally.begin(this.#counts);\n    tally.fail(this.#counts, error);\n",
    new: "",
    suites: stats("that is refused"),
  },
  {
    name: "kept-attempt-under-way",
    planted:
      "a connect of who keeps connected that is given up is under way for ever",
    file: "src/toolkit/connecting/reconnector.ts",
    old: "    if (isGivenUp) this.#tally.connects.cancelled++;\n",
    new: "",
    suites: stats("each attempt of one that is kept"),
  },
  {
    name: "told-inside-of-the-call",
    planted: "subscribers are told while something is half changed",
    file: "src/stats/events.ts",
    old: "this.#defer(() => this.#channel?.publish(message));",
    new: "this.#channel?.publish(message);",
    suites: EVENTS,
  },
  {
    name: "few-slow-handlers",
    planted: "slow handlers are told of by sample",
    file: "src/core/reactor_context.ts",
    old: "    this.loop.handlerTimes.timesAll = hasSubscribers;\n",
    new: "",
    suites: EVENTS,
  },
  {
    name: "answer-of-a-gone-worker",
    planted: "what a worker tells that is gone by then counts for the next one",
    file: "src/threads/manager/thread_record.ts",
    old: "if (asked === this.#goneWorkers) this.#update(stats);",
    new: "if (asked >= 0) this.#update(stats);",
    suites: [{ file: "tests/threads/thread_record.test.ts" }],
  },
  {
    name: "lost-worker-forgotten",
    planted: "what a worker told that has ended is taken back",
    file: "src/threads/manager/thread_record.ts",
    old:
      '      this.#past.add(this.#kind.ended(this.#last, "WorkerExitedError"));\n',
    new: "",
    suites: THREADS,
  },
  {
    name: "busy-thread-current",
    planted: "what a busy thread told before is told as of now",
    file: "src/threads/manager/thread_record.ts",
    old: "    this.#isCurrent = false;\n    return",
    new: "    return",
    suites: THREADS,
  },
  {
    name: "closed-listener-forgotten",
    planted: "a closed listener of all threads forgets what it has accepted",
    file: "src/threads/worker/listener_parts.ts",
    old: "part.onceEnded(resolve)",
    new: "part.onceClosed(resolve)",
    suites: THREADS,
  },
  {
    name: "own-latency-untimed",
    planted: "a client, or a server, does not know how long its answers took",
    file: "src/stats/request_tally.ts",
    old: "own.latency.record(this.#times.end(startedAt));",
    new: "this.#times.end(startedAt);",
    suites: stats("how long answers took"),
  },
  {
    name: "label-unescaped",
    planted: "a quotation mark in a label ends it",
    file: "src/stats/prometheus.ts",
    old: 'text.replace(/[\\\\"]/g, "\\\\$&").replaceAll',
    new: "text.replaceAll",
    suites: TEXT,
  },
  {
    name: "asked-for-each-metric",
    planted: "a registry asks for all stats once for each metric",
    file: "src/entries/prometheus.ts",
    old: "return this.#answer ??= this.#ask()",
    new: "return this.#answer = this.#ask()",
    suites: ENTRIES,
  },
  {
    name: "quantile-never-measured",
    planted: "a quantile is told that is longer than all that was measured",
    file: "src/stats/histogram.ts",
    old: "return Math.min(Math.max(estimate, minMs), maxMs);",
    new: "return estimate;",
    suites: [{ file: "tests/stats/histogram.test.ts" }],
  },
  {
    name: "nothing-is-the-shortest",
    planted: "who has measured nothing has measured the shortest time",
    file: "src/stats/histogram_sum.ts",
    old: ".filter(({ count }) => count > 0)\n",
    new: "\n",
    suites: [{ file: "tests/stats/histogram.test.ts" }],
  },
  {
    name: "peaks-added-up",
    planted: "the longest queue of two threads is as long as both",
    file: "src/stats/traffic.ts",
    old: "    sum.bytesQueuedPeak = peak;\n",
    new: "",
    suites: [{ file: "tests/stats/traffic.test.ts" }],
  },
  {
    name: "lost-connections-vanish",
    planted:
      "connections of a thread that is gone count as neither open nor closed",
    file: "src/stats/listener_sum.ts",
    old: "closed: plus(stats.closed, how, stats.open),",
    new: "closed: stats.closed,",
    suites: [{ file: "tests/threads/stats.test.ts" }],
  },
  {
    name: "cancelled-connect-under-way",
    planted: "a connect that is cancelled is under way for ever",
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
    planted: "monitoring is told milliseconds for seconds",
    file: "src/stats/series.ts",
    old: 'metric.unit === "ms" ? MS_PER_SECOND : 1',
    new: "1",
    suites: [{ file: "tests/stats/prometheus.test.ts" }],
  },
  {
    name: "buckets-shifted",
    planted: "buckets of monitoring lack the times that end where they do",
    file: "src/stats/series.ts",
    old: "for (; next <= last; next++)",
    new: "for (; next < last; next++)",
    suites: [{ file: "tests/stats/prometheus.test.ts" }],
  },
  {
    name: "label-of-ours-overwritten",
    planted: "a label of the program takes the place of one of the library",
    file: "src/stats/prometheus.ts",
    old: " && !RESERVED.includes(name) &&",
    new: " &&",
    suites: [{ file: "tests/stats/prometheus.test.ts" }],
  },
  {
    name: "times-without-unit",
    planted: "OpenTelemetry is not told that times are in seconds",
    file: "src/entries/opentelemetry.ts",
    old: 'isTime ? "s" : unit === "bytes"',
    new: 'unit === "bytes"',
    suites: [{ file: "tests/stats/entries.test.ts" }],
  },
  {
    name: "still-queued-where-nobody-is",
    planted: "what a dead worker had queued counts as queued for ever",
    file: "src/stats/runtime_sum.ts",
    old: "commands: { ...stats.commands, queued: 0, waiting: 0 },",
    new: "commands: { ...stats.commands, waiting: 0 },",
    suites: [{ file: "tests/stats/sums.test.ts" }],
  },
];
