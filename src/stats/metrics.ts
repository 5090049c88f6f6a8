/** What a figure is: one that only grows, one that goes up and down, or how long something took. */
export type MetricKind = "counter" | "gauge" | "histogram";

/** Who tells a figure: of the toolkit, what keeps connected, a client of requests, and a server. */
export type MetricOwner =
  | "runtime"
  | "listener"
  | "connection"
  | "kept"
  | "client"
  | "server";

/** One figure that is told. */
export interface Metric {
  /** Where it is in the plain object that tells it: `connects.tried`. */
  readonly name: string;
  readonly kind: MetricKind;
  readonly unit: "bytes" | "ms" | "";
  /** What it has a figure for each of, if it has several. */
  readonly by?: "reason" | "error";
  /** What the series is called that Prometheus has of it, in seconds where that is in milliseconds; undefined if it has none. */
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

/** A figure without a unit, of a runtime alone. */
function count(name: string, series: string, meaning: string): Metric {
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

/** The figures of requests `of` somebody. */
function requests(name: string, series: string, of: string): Metric[] {
  return [
    count(`${name}.begun`, `${series}_total`, `Requests ${of}`),
    count(
      `${name}.answered`,
      `${series}_answered_total`,
      `Requests ${of} that were answered`,
    ),
    {
      ...count(
        `${name}.failed`,
        `${series}_failed_total`,
        `Requests ${of} that failed`,
      ),
      by: "error",
    },
    gauge(
      `${name}.inFlight`,
      `${series}_in_flight`,
      `Requests ${of} that are neither answered nor failed`,
    ),
    time(
      `${name}.latency`,
      `${series.replace(/s$/, "")}_seconds`,
      `Time that it took to answer requests ${of}`,
    ),
  ];
}

/** A figure of a client or a server alone: those of all are the runtime's. */
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
  own("begun", "counter", "Requests that were made, or came in"),
  own("answered", "counter", "Requests that were answered"),
  { ...own("failed", "counter", "Requests that failed"), by: "error" },
  own("inFlight", "gauge", "Requests that are neither answered nor failed"),
  own("queued", "gauge", "Requests in flight that wait to be sent", ["client"]),
  own("active", "gauge", "Handlers that are at work", ["server"]),
  own(
    "overdue",
    "gauge",
    "Requests that timed out, and may be answered yet",
    ["client"],
  ),
  own("late", "counter", "Answers that nobody waited for any more"),
  own("unsolicited", "counter", "Messages that answer nothing", ["client"]),
  own("latency", "histogram", "Time that it took to answer requests"),
];

/** Every figure that is told, in the order of the documentation. */
export const METRICS: readonly Metric[] = [
  {
    ...gauge("uptimeMs", "uptime_seconds", "Time since the runtime was made"),
    unit: "ms",
  },
  gauge("listeners", "listeners", "Listeners that there are"),
  {
    ...count(
      "accepted",
      "connections_accepted_total",
      "Connections that were accepted, and had a reactor",
    ),
    owners: LISTENING,
  },
  {
    ...count(
      "dropped",
      "connections_dropped_total",
      "Connections that a listener has dropped instead",
    ),
    by: "reason",
    owners: LISTENING,
  },
  {
    ...gauge("open", "connections_open", "Connections that are open"),
    owners: MANY,
  },
  {
    ...count(
      "closed",
      "connections_closed_total",
      "Connections that are closed, in good order (`ok`) or for an error",
    ),
    by: "error",
    owners: MANY,
  },
  {
    name: "openMs",
    kind: "gauge",
    unit: "ms",
    owners: ["connection"],
    meaning: "Time that the connection is open, or was",
  },
  {
    ...count(
      "bytesIn",
      "received_bytes_total",
      "Bytes that came in; of TLS, what was in it",
    ),
    unit: "bytes",
    owners: ALL,
  },
  {
    ...count("bytesOut", "sent_bytes_total", "Bytes that the system has taken"),
    unit: "bytes",
    owners: ALL,
  },
  {
    ...count(
      "messagesIn",
      "received_messages_total",
      "Messages that were handed out, and dropped",
    ),
    owners: ALL,
  },
  {
    ...count(
      "messagesOut",
      "sent_messages_total",
      "Sends that were taken, whatever became of them",
    ),
    owners: ALL,
  },
  {
    ...gauge("bytesQueued", "queued_bytes", "Bytes that wait to be sent"),
    unit: "bytes",
    owners: ALL,
  },
  {
    ...gauge(
      "bytesQueuedPeak",
      "queued_bytes_peak",
      "The most bytes that waited in one connection at once",
    ),
    unit: "bytes",
    owners: ALL,
  },
  {
    ...gauge("bytesHeld", "held_bytes", "Bytes of buffers that hold something"),
    unit: "bytes",
  },
  {
    ...count("pauses", "pauses_total", "How often reading was paused"),
    owners: ALL,
  },
  {
    ...count(
      "pausedMs",
      "paused_seconds_total",
      "Time that reading was paused",
    ),
    unit: "ms",
    owners: ALL,
  },
  {
    ...gauge("paused", "connections_paused", "Connections that are paused"),
    owners: ALL,
  },
  {
    ...count("connects.tried", "connects_total", "Connects that were begun"),
    owners: CONNECTING,
  },
  {
    ...count(
      "connects.opened",
      "connects_opened_total",
      "Connects that are connected",
    ),
    owners: CONNECTING,
  },
  {
    ...count(
      "connects.failed",
      "connects_failed_total",
      "Connects that failed",
    ),
    by: "error",
    owners: CONNECTING,
  },
  {
    ...count(
      "connects.cancelled",
      "connects_cancelled_total",
      "Connects that the program gave up",
    ),
    owners: CONNECTING,
  },
  {
    ...gauge("connects.underWay", "connects_under_way", "Connects under way"),
    owners: CONNECTING,
  },
  count(
    "commands.executed",
    "commands_executed_total",
    "Commands that were carried out",
  ),
  count(
    "commands.deferred",
    "commands_deferred_total",
    "Commands that were deferred",
  ),
  gauge("commands.queued", "commands_queued", "Commands that are due"),
  gauge(
    "commands.waiting",
    "commands_waiting",
    "Commands that wait for their time",
  ),
  ...requests("asked", "requests", "of clients"),
  ...requests("served", "served_requests", "to servers"),
  ...OF_ONE,
  time(
    "handlerTime",
    "handler_seconds",
    "Time that handlers took; those of one read together",
  ),
  time("turnTime", "turn_seconds", "Time that turns took"),
  time(
    "loopDelay",
    "loop_delay_seconds",
    "Time that the host took to give a turn",
  ),
];
