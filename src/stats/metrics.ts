/** The type of a figure: a count that only grows, a value that goes up and down, or a distribution of times. */
export type MetricKind = "counter" | "gauge" | "histogram";

/** Who reports a figure; of the toolkit: a kept connection, a request client, a request server. */
export type MetricOwner =
  | "runtime"
  | "listener"
  | "connection"
  | "kept"
  | "client"
  | "server";

/** One figure. */
export interface Metric {
  /** Its path in the stats object: `connects.tried`. */
  readonly name: string;
  readonly kind: MetricKind;
  readonly unit: "bytes" | "ms" | "";
  /** The label of its values, if it has several. */
  readonly by?: "reason" | "error";
  /** The name of its Prometheus series, in seconds where the figure is in milliseconds; undefined if there is none. */
  readonly series?: string;
  readonly owners: readonly MetricOwner[];
  readonly meaning: string;
}

const ALL: readonly MetricOwner[] = [
  "runtime",
  "listener",
  "connection",
  "kept",
];
const LISTENING: readonly MetricOwner[] = ["runtime", "listener"];
const CONNECTING: readonly MetricOwner[] = ["runtime", "kept"];
const MANY: readonly MetricOwner[] = ["runtime", "listener", "kept"];
const RUNTIME: readonly MetricOwner[] = ["runtime"];
const REQUESTING: readonly MetricOwner[] = ["client", "server"];

/** A figure without a unit that only a runtime has. */
function counter(name: string, series: string, meaning: string): Metric {
  return { name, series, kind: "counter", unit: "", owners: RUNTIME, meaning };
}

function gauge(name: string, series: string, meaning: string): Metric {
  return { name, series, kind: "gauge", unit: "", owners: RUNTIME, meaning };
}

function time(name: string, series: string, meaning: string): Metric {
  return {
    name,
    series,
    kind: "histogram",
    unit: "ms",
    owners: RUNTIME,
    meaning,
  };
}

/** The figures of the requests of `of`. */
function requests(name: string, series: string, of: string): Metric[] {
  return [
    counter(`${name}.begun`, `${series}_total`, `Requests ${of}`),
    counter(
      `${name}.answered`,
      `${series}_answered_total`,
      `Requests ${of} that were answered`,
    ),
    {
      ...counter(
        `${name}.failed`,
        `${series}_failed_total`,
        `Requests ${of} that failed`,
      ),
      by: "error",
    },
    gauge(
      `${name}.inFlight`,
      `${series}_in_flight`,
      `Requests ${of} in flight`,
    ),
    time(
      `${name}.latency`,
      `${series.replace(/s$/, "")}_seconds`,
      `Time to answer requests ${of}`,
    ),
  ];
}

/** A figure that only a client or a server has; the runtime has the sum of all. */
function own(
  name: string,
  kind: MetricKind,
  meaning: string,
  owners = REQUESTING,
): Metric {
  const unit = kind === "histogram" ? "ms" : "";
  return { name, kind, unit, owners, meaning };
}

/** The requests of one client, or of one server. */
const OF_ONE: readonly Metric[] = [
  own("begun", "counter", "Requests made or received"),
  own("answered", "counter", "Requests that were answered"),
  { ...own("failed", "counter", "Requests that failed"), by: "error" },
  own("inFlight", "gauge", "Requests in flight"),
  own("queued", "gauge", "Requests in flight that are waiting to be sent", [
    "client",
  ]),
  own("active", "gauge", "Handlers running", ["server"]),
  own(
    "overdue",
    "gauge",
    "Requests that timed out but may still be answered",
    ["client"],
  ),
  own("late", "counter", "Answers that came too late"),
  own("unsolicited", "counter", "Messages that answer no request", ["client"]),
  own("latency", "histogram", "Time to answer requests"),
];

/** Every figure, in the order of the documentation. */
export const METRICS: readonly Metric[] = [
  {
    ...gauge(
      "uptimeMs",
      "uptime_seconds",
      "Time since the runtime was created",
    ),
    unit: "ms",
  },
  gauge("listeners", "listeners", "Open listeners"),
  {
    ...counter(
      "accepted",
      "connections_accepted_total",
      "Connections accepted and given a reactor",
    ),
    owners: LISTENING,
  },
  {
    ...counter(
      "dropped",
      "connections_dropped_total",
      "Connections that a listener dropped",
    ),
    by: "reason",
    owners: LISTENING,
  },
  {
    ...gauge("open", "connections_open", "Open connections"),
    owners: MANY,
  },
  {
    ...counter(
      "closed",
      "connections_closed_total",
      "Connections closed, cleanly (`ok`) or by an error",
    ),
    by: "error",
    owners: MANY,
  },
  {
    name: "openMs",
    kind: "gauge",
    unit: "ms",
    owners: ["connection"],
    meaning: "How long the connection has been open, or was",
  },
  {
    ...counter(
      "bytesIn",
      "received_bytes_total",
      "Bytes received; with TLS, after decryption",
    ),
    unit: "bytes",
    owners: ALL,
  },
  {
    ...counter(
      "bytesOut",
      "sent_bytes_total",
      "Bytes that the operating system accepted; with TLS, before encryption",
    ),
    unit: "bytes",
    owners: ALL,
  },
  {
    ...counter(
      "messagesIn",
      "received_messages_total",
      "Messages handled",
    ),
    owners: ALL,
  },
  {
    ...counter(
      "messagesOut",
      "sent_messages_total",
      "Sends accepted, whatever became of them",
    ),
    owners: ALL,
  },
  {
    ...gauge("bytesQueued", "queued_bytes", "Bytes waiting to be sent"),
    unit: "bytes",
    owners: ALL,
  },
  {
    ...gauge(
      "bytesQueuedPeak",
      "queued_bytes_peak",
      "The most bytes that ever waited on one connection",
    ),
    unit: "bytes",
    owners: ALL,
  },
  {
    ...gauge("bytesHeld", "held_bytes", "Size of the buffers in use"),
    unit: "bytes",
  },
  {
    ...counter("pauses", "pauses_total", "How often reading was paused"),
    owners: ALL,
  },
  {
    ...counter(
      "pausedMs",
      "paused_seconds_total",
      "How long reading was paused",
    ),
    unit: "ms",
    owners: ALL,
  },
  {
    ...gauge(
      "paused",
      "connections_paused",
      "Connections whose reading is paused",
    ),
    owners: ALL,
  },
  {
    ...counter("connects.tried", "connects_total", "Connects started"),
    owners: CONNECTING,
  },
  {
    ...counter(
      "connects.opened",
      "connects_opened_total",
      "Connects that succeeded",
    ),
    owners: CONNECTING,
  },
  {
    ...counter(
      "connects.failed",
      "connects_failed_total",
      "Connects that failed",
    ),
    by: "error",
    owners: CONNECTING,
  },
  {
    ...counter(
      "connects.cancelled",
      "connects_cancelled_total",
      "Connects that the program cancelled",
    ),
    owners: CONNECTING,
  },
  {
    ...gauge("connects.underWay", "connects_under_way", "Connects in progress"),
    owners: CONNECTING,
  },
  counter(
    "commands.executed",
    "commands_executed_total",
    "Commands executed",
  ),
  counter(
    "commands.deferred",
    "commands_deferred_total",
    "Commands deferred",
  ),
  gauge(
    "commands.queued",
    "commands_queued",
    "Commands due but not executed yet",
  ),
  gauge(
    "commands.waiting",
    "commands_waiting",
    "Deferred commands that are not due yet",
  ),
  counter(
    "serviceMessages.sent",
    "service_messages_sent_total",
    "Messages sent to services",
  ),
  counter(
    "serviceMessages.refused",
    "service_messages_refused_total",
    "Messages to services refused: too many were unprocessed, or the thread was gone",
  ),
  counter(
    "serviceMessages.failed",
    "service_messages_failed_total",
    "Messages whose service threw or does not exist",
  ),
  ...requests("requested", "requests", "by clients"),
  ...requests("served", "served_requests", "to servers"),
  ...OF_ONE,
  time(
    "handlerTime",
    "handler_seconds",
    "Time per handler call; all messages of one read are one call",
  ),
  time("turnTime", "turn_seconds", "Time per turn"),
  time(
    "loopDelay",
    "loop_delay_seconds",
    "Time from asking the host for a turn to getting it",
  ),
];
