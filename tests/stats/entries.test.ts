import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type {
  BatchObservableCallback,
  Meter,
  Observable,
} from "@opentelemetry/api";
import { Gauge, Registry } from "prom-client";
import {
  formatPrometheus,
  InvalidOptionError,
  MessageResult,
  ReactRuntime,
  type RuntimeStats,
  type ThreadsStats,
} from "../../mod.ts";
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
      /^InvalidOptionError: Cannot use prefix "reactio_": the registry has/,
    );
    assert.throws(
      () => registerStats(source, { registry, prefix: "1" }),
      InvalidOptionError,
    );
    assert.equal(registry.getMetricsAsArray().length, count);
  });
});

/** A meter that notes what it is asked for; each instrument is its name. */
class FakeMeter {
  readonly instruments = new Map<string, [kind: string, unit: string]>();
  readonly callbacks = new Set<BatchObservableCallback>();

  createObservableGauge(name: string, { unit }: { unit: string }): unknown {
    this.instruments.set(name, ["gauge", unit]);
    return name;
  }

  createObservableCounter(name: string, { unit }: { unit: string }): unknown {
    this.instruments.set(name, ["counter", unit]);
    return name;
  }

  addBatchObservableCallback(
    callback: BatchObservableCallback,
    observables: Observable[],
  ): void {
    assert.deepEqual(observables, [...this.instruments.keys()]);
    this.callbacks.add(callback);
  }

  removeBatchObservableCallback(callback: BatchObservableCallback): void {
    this.callbacks.delete(callback);
  }

  /** What is observed, as `name{labels}`. */
  async collect(): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (const callback of this.callbacks) {
      await callback({
        observe: (name, value, labels) =>
          void found.set(`${name}${JSON.stringify(labels)}`, value),
      });
    }
    return found;
  }
}

describe("the entry opentelemetry", () => {
  it("makes an instrument of each figure, three of a histogram, and observes what is told, asked for once", async () => {
    const stats = await someStats();
    const source = new Source(stats);
    const meter = new FakeMeter();
    const stop = observeStats(source, { meter: meter as unknown as Meter });
    const { instruments } = meter;
    assert.deepEqual(instruments.get("reactio.bytesIn"), ["counter", "By"]);
    assert.deepEqual(instruments.get("reactio.open"), ["gauge", "1"]);
    assert.deepEqual(instruments.get("reactio.uptimeMs"), ["gauge", "s"]);
    assert.deepEqual(instruments.get("reactio.turnTime.sum"), ["counter", "s"]);
    assert.deepEqual(
      instruments.get("reactio.turnTime.bucket"),
      ["counter", "1"],
    );
    const found = await meter.collect();
    assert.equal(source.askedCount, 1);
    assert.equal(found.get("reactio.bytesIn{}"), 10);
    assert.equal(found.get('reactio.closed{"error":"other"}'), 1);
    assert.equal(
      found.get("reactio.handlerTime.count{}"),
      stats.handlerTime.count,
    );
    assert.equal(
      found.get('reactio.handlerTime.bucket{"le":"+Inf"}'),
      stats.handlerTime.count,
    );
    for (const key of found.keys()) {
      assert.ok(instruments.has(key.slice(0, key.indexOf("{"))), key);
    }
    stop();
    assert.equal((await meter.collect()).size, 0);
  });

  it("has a value for each thread, and a meter of its own if none is given", async () => {
    const told = threadsOf(await someStats());
    const meter = new FakeMeter();
    observeStats(
      { stats: () => Promise.resolve(told) },
      { meter: meter as unknown as Meter },
    );
    const found = await meter.collect();
    assert.equal(found.get('reactio.bytesIn{"thread":"0"}'), 10);
    assert.equal(found.get('reactio.bytesIn{"thread":"main"}'), 10);
    observeStats(new Source(told.main))(); // nobody collects it
  });
});
