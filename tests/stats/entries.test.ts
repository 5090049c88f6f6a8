import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  DataPointType,
  MeterProvider,
  MetricReader,
} from "@opentelemetry/sdk-metrics";
import { Gauge, Registry } from "prom-client";
import {
  formatPrometheus,
  InvalidArgumentError,
  InvalidOptionError,
  MessageResult,
  ReactRuntime,
  type RuntimeStats,
  type StatsSource,
  type ThreadsStats,
} from "../../mod.ts";
import { type MetricKind, METRICS } from "../../src/stats/metrics.ts";
import { observeStats } from "../../src/entries/opentelemetry.ts";
import { registerStats } from "../../src/entries/prometheus.ts";

/** Tells the same again and again, and how often it was asked. */
class Source<Told extends RuntimeStats | ThreadsStats> {
  askedCount = 0;
  readonly #told: Told;

  constructor(told: Told) {
    this.#told = told;
  }

  stats(): Told {
    this.askedCount++;
    return this.#told;
  }
}

/** What a runtime tells that has failed to serve a connection. */
async function someStats(): Promise<RuntimeStats> {
  const runtime = new ReactRuntime();
  const { address } = await runtime.listen("127.0.0.1:0", {
    onNewConnection: () => ({
      reactor: {
        onInboundMessage(buf, ctx) {
          ctx.close(new Error("enough"));
          return MessageResult.dropMsgSize(buf.length);
        },
      },
    }),
  });
  const client = await runtime.connect(address, {
    onConnected: (ctx) => void ctx.sendOrQueue(new Uint8Array(10)),
    onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
  });
  await client.whenClosed;
  await runtime.stop();
  return runtime.stats();
}

function threadsOf(stats: RuntimeStats): ThreadsStats {
  return {
    threads: [{ runtimeId: 0, stats, isCurrent: true, lostWorkers: 0 }],
    main: stats,
    total: stats,
  };
}

/** The lines of a text, without those that are empty. */
const linesOf = (text: string) => text.split("\n").filter((line) => line);

describe("the entry prometheus", () => {
  it("has prom-client write what formatPrometheus writes, and asks once for it", async () => {
    const source = new Source(await someStats());
    const registry = new Registry();
    registerStats(source, { registry });
    const text = await registry.metrics();
    assert.equal(source.askedCount, 1);
    assert.deepEqual(
      linesOf(text),
      linesOf(formatPrometheus(source.stats())),
    );
    await registry.metrics();
    assert.equal(source.askedCount, 3);
  });

  it("goes with metrics of the program, with a prefix and labels, until it is taken out", async () => {
    const source = new Source(await someStats());
    const registry = new Registry();
    const own = new Gauge({
      name: "own",
      help: "of the program",
      registers: [registry],
    });
    own.set(5);
    const options = { prefix: "chat_", labels: { app: "chat" } };
    const stop = registerStats(source, { registry, ...options });
    const lines = linesOf(await registry.metrics());
    assert.ok(lines.includes("own 5"));
    assert.ok(lines.includes('chat_received_bytes_total{app="chat"} 10'));
    registry.resetMetrics();
    assert.ok(
      linesOf(await registry.metrics())
        .includes('chat_received_bytes_total{app="chat"} 10'),
    );
    stop();
    assert.deepEqual(linesOf(await registry.metrics()).slice(2), ["own 0"]);
  });

  it("has a value for each thread", async () => {
    const told = threadsOf(await someStats());
    const registry = new Registry();
    registerStats({ stats: () => Promise.resolve(told) }, { registry });
    assert.deepEqual(
      linesOf(await registry.metrics()),
      linesOf(formatPrometheus(told)),
    );
  });

  it("writes OpenMetrics, too", async () => {
    const source = new Source(await someStats());
    const registry = new Registry();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    const stop = registerStats(source, { registry });
    const lines = linesOf(await registry.metrics());
    assert.ok(lines.includes("# TYPE reactio_received_bytes counter"));
    assert.ok(lines.includes("reactio_received_bytes_total 10"));
    assert.equal(lines.at(-1), "# EOF");
    stop();
    assert.deepEqual(linesOf(await registry.metrics()), ["# EOF"]);
  });

  it("refuses a second source of the same names, and bad options, and registers nothing of it", async () => {
    const source = new Source(await someStats());
    const registry = new Registry();
    registerStats(source, { registry });
    const count = registry.getMetricsAsArray().length;
    assert.throws(
      () => registerStats(source, { registry }),
      /^InvalidOptionError: Cannot use prefix "reactio_": the registry already has/,
    );
    assert.throws(
      () => registerStats(source, { registry, prefix: "1" }),
      InvalidOptionError,
    );
    assert.equal(registry.getMetricsAsArray().length, count);
  });
});

it("an entry refuses what has no statistics, bad options, and what is no registry or meter", () => {
  const runtime = new ReactRuntime();
  for (const enter of [registerStats, observeStats]) {
    for (const value of [undefined, null, "x", 7, [], {}]) {
      assert.throws(
        () => enter(value as never),
        (error) =>
          error instanceof InvalidArgumentError &&
          /as a source of statistics: it has no stats$/.test(error.message),
      );
    }
    assert.throws(() => enter(runtime, null as never), InvalidOptionError);
  }
  for (const value of [null, "x", 7, {}]) {
    const given = value as never;
    assert.throws(
      () => registerStats(runtime, { registry: given }),
      InvalidArgumentError,
    );
    if (value === null) continue; // stands for the global one, as undefined does
    assert.throws(
      () => observeStats(runtime, { meter: given }),
      InvalidArgumentError,
    );
  }
});

/** Has the SDK collect the instruments of `source`; the points of each, by its name. */
async function collected(
  source: StatsSource,
  body: (
    collect: () => Promise<Map<string, Instrument>>,
    stop: () => void,
  ) => Promise<void>,
): Promise<void> {
  const reader = new PulledReader();
  const provider = new MeterProvider({ readers: [reader] });
  const stop = observeStats(source, { meter: provider.getMeter("tests") });
  const collect = async () => {
    const { resourceMetrics, errors } = await reader.collect();
    assert.deepEqual(errors, []);
    const found = new Map<string, Instrument>();
    for (const { metrics } of resourceMetrics.scopeMetrics) {
      for (const { descriptor, dataPointType, dataPoints } of metrics) {
        assert.ok(
          !found.has(descriptor.name),
          `${descriptor.name} comes twice`,
        );
        found.set(descriptor.name, {
          unit: descriptor.unit,
          isCounter: dataPointType === DataPointType.SUM,
          points: new Map(
            dataPoints.map(({ attributes, value }) => [
              JSON.stringify(attributes),
              value as number,
            ]),
          ),
        });
      }
    }
    return found;
  };
  try {
    await body(collect, stop);
  } finally {
    await provider.shutdown();
  }
}

/** What the SDK tells of one instrument. */
interface Instrument {
  readonly unit: string;
  readonly isCounter: boolean;
  /** Its values, by their attributes as JSON. */
  readonly points: ReadonlyMap<string, number>;
}

/** Collects when it is asked to. */
class PulledReader extends MetricReader {
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }

  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
}

describe("the entry opentelemetry, asked by the SDK", () => {
  it("makes an instrument of each figure, three of a histogram, and observes what is told, asked for once", async () => {
    const stats = await someStats();
    const source = new Source(stats);
    await collected(source, async (collect, stop) => {
      const found = await collect();
      assert.equal(source.askedCount, 1);
      const kind = (name: string) => {
        const { unit, isCounter } = found.get(`reactio.${name}`) ??
          assert.fail(name);
        return [isCounter ? "counter" : "gauge", unit];
      };
      assert.deepEqual(kind("bytesIn"), ["counter", "By"]);
      assert.deepEqual(kind("open"), ["gauge", "1"]);
      assert.deepEqual(kind("uptime"), ["gauge", "s"]);
      assert.deepEqual(kind("turnTime.sum"), ["counter", "s"]);
      assert.deepEqual(kind("turnTime.bucket"), ["counter", "1"]);
      const value = (name: string, attributes = {}) =>
        found.get(`reactio.${name}`)?.points.get(JSON.stringify(attributes));
      assert.equal(value("bytesIn"), 10);
      assert.equal(value("uptime"), stats.uptimeMs / 1000);
      assert.equal(value("pausedTime"), stats.pausedMs / 1000);
      assert.ok([...found.keys()].every((name) => !/ms(\.|$)/i.test(name)));
      assert.equal(value("closed", { error: "other" }), 1);
      const { count } = stats.handlerTime;
      assert.equal(value("handlerTime.count"), count);
      assert.equal(value("handlerTime.bucket", { le: "+Inf" }), count);
      const told = METRICS.filter(({ series }) => series !== undefined)
        .filter(({ by, name }) => by === undefined || name === "closed");
      for (const { name, kind } of told) {
        const full = `reactio.${name}${suffixOf(kind)}`;
        assert.ok(found.has(full) || name.endsWith("Ms"), name);
      }
      await collect();
      assert.equal(source.askedCount, 2);
      stop();
      await collect();
      assert.equal(source.askedCount, 2);
    });
  });

  it("has a value for each thread, and a meter of its own if none is given", async () => {
    const told = threadsOf(await someStats());
    const source = { stats: () => Promise.resolve(told) };
    await collected(source, async (collect) => {
      const points = (await collect()).get("reactio.bytesIn")?.points;
      assert.equal(points?.get('{"thread":"0"}'), 10);
      assert.equal(points?.get('{"thread":"main"}'), 10);
    });
    observeStats(new Source(told.main))(); // nobody collects it
  });
});

function suffixOf(kind: MetricKind): string {
  return kind === "histogram" ? ".count" : "";
}
