import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Histogram } from "../../src/stats/histogram.ts";
import {
  DefaultTcpListenerHandler,
  formatPrometheus,
  InvalidOptionError,
  MessageResult,
  type PrometheusOptions,
  ReactRuntime,
  type RuntimeStats,
} from "../../mod.ts";
import { METRICS } from "../../src/stats/metrics.ts";

/** One line of values, read. */
interface Value {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = '([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\\\\n]|\\\\["\\\\n])*)"';
const NUMBER = "[+-]?(?:\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?|Inf)|NaN";

/** Reads the text format 0.0.4, strictly; fails where it is none. */
function parse(text: string): Map<string, { type: string; values: Value[] }> {
  const found = new Map<string, { type: string; values: Value[] }>();
  assert.ok(text.endsWith("\n"));
  let helped = "";
  let current = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const help = new RegExp(`^# HELP (${NAME}) [^\\n]+$`).exec(line);
    const type = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`)
      .exec(line);
    if (help !== null) {
      helped = help[1];
    } else if (type !== null) {
      assert.equal(type[1], helped, "the help comes first");
      assert.ok(!found.has(helped), `${helped} comes twice`);
      current = helped;
      found.set(current, { type: type[2], values: [] });
    } else {
      const [, name, labels = "", value] = new RegExp(
        `^(${NAME})(\\{(?:${LABEL},?)*\\})? (${NUMBER})$`,
      ).exec(line)?.filter((_, i) => [0, 1, 2, 5].includes(i)) ??
        assert.fail(`no line of the format: ${line}`);
      const { type, values } = found.get(current) ?? assert.fail(line);
      const suffix = name.slice(current.length);
      assert.ok(name.startsWith(current));
      assert.ok(
        type === "histogram"
          ? ["_bucket", "_sum", "_count"].includes(suffix)
          : suffix === "",
        line,
      );
      values.push({
        name,
        labels: Object.fromEntries(
          Array.from(
            labels.matchAll(new RegExp(LABEL, "g")),
            ([, key, text]) => [key, text],
          ),
        ),
        value: Number(value),
      });
    }
  }
  return found;
}

/** What a runtime tells that has served a connection. */
async function someStats(): Promise<RuntimeStats> {
  const runtime = new ReactRuntime();
  const { address } = await runtime.listen(
    "127.0.0.1:0",
    new DefaultTcpListenerHandler(() => ({
      onInboundMessage(buf, ctx) {
        ctx.close(new Error("enough"));
        return MessageResult.dropMsgSize(buf.length);
      },
    })),
  );
  const client = await runtime.connect(address, {
    onConnected: (ctx) => void ctx.sendOrQueue(new Uint8Array(100)),
    onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
  });
  await client.whenClosed;
  await runtime.stop();
  return runtime.stats();
}

describe("the text for Prometheus", () => {
  it("is of the format, has every figure that has a series, and its values", async () => {
    const stats = await someStats();
    const found = parse(formatPrometheus(stats));
    const expected = METRICS.filter(({ series }) => series !== undefined);
    assert.deepEqual(
      [...found.keys()],
      expected.map(({ series }) => `reactio_${series}`),
    );
    for (const { series, kind } of expected) {
      assert.equal(found.get(`reactio_${series}`)?.type, kind);
    }
    const only = (name: string) => {
      const values = found.get(name)?.values ?? [];
      assert.equal(values.length, 1, name);
      return values[0].value;
    };
    assert.equal(only("reactio_received_bytes_total"), 100);
    assert.equal(only("reactio_connects_total"), 1);
    assert.equal(only("reactio_uptime_seconds"), stats.uptimeMs / 1000);
    const closed = found.get("reactio_connections_closed_total")?.values ?? [];
    assert.deepEqual(
      closed.map(({ labels, value }) => [labels, value]),
      Object.entries(stats.closed).map(([error, count]) => [{ error }, count]),
    );
  });

  it("has histograms whose buckets add up, in seconds", async () => {
    const stats = await someStats();
    const found = parse(formatPrometheus(stats));
    const { values } = found.get("reactio_handler_seconds") ?? assert.fail();
    const named = (suffix: string) =>
      values.filter(({ name }) => name === `reactio_handler_seconds${suffix}`);
    const buckets = named("_bucket");
    assert.ok(buckets.length > 10 && buckets.length < 30);
    const ends = buckets.map(({ labels }) =>
      labels.le === "+Inf" ? Infinity : Number(labels.le)
    );
    assert.deepEqual(ends, ends.toSorted((a, b) => a - b));
    assert.equal(ends.at(-1), Infinity);
    assert.ok(ends.includes(0.001) && ends.includes(65.536));
    const counts = buckets.map(({ value }) => value);
    assert.deepEqual(counts, counts.toSorted((a, b) => a - b));
    const { count, sumMs, maxMs } = stats.handlerTime;
    assert.ok(count > 0);
    assert.equal(counts.at(-1), count);
    assert.equal(counts[ends.findIndex((end) => end > maxMs / 1000)], count);
    assert.deepEqual(named("_count").map(({ value }) => value), [count]);
    assert.deepEqual(named("_sum").map(({ value }) => value), [sumMs / 1000]);
  });

  it("has each time in the bucket that ends behind it, and in all later ones", async () => {
    const histogram = new Histogram();
    histogram.record(0.99);
    histogram.record(1);
    const stats = { ...await someStats(), handlerTime: histogram.stats() };
    const text = formatPrometheus(stats);
    for (const [le, count] of [["0.0005", 0], ["0.001", 1], ["0.002", 2]]) {
      const line = `reactio_handler_seconds_bucket{le="${le}"} ${count}\n`;
      assert.ok(text.includes(line), line);
    }
  });

  it("has labels of the program, escaped, and names that begin as it says", async () => {
    const text = formatPrometheus(await someStats(), {
      prefix: "chat:",
      labels: { place: 'a "b" \\ c\nd', x_1: "" },
    });
    const { values } = parse(text).get("chat:connections_open") ??
      assert.fail();
    assert.deepEqual(values[0].labels, {
      place: 'a \\"b\\" \\\\ c\\nd',
      x_1: "",
    });
  });

  it("of threads has a value for each, by the label thread", async () => {
    const stats = await someStats();
    const thread = { stats, isCurrent: true, lostWorkers: 0 };
    const text = formatPrometheus({
      threads: [{ runtimeId: 0, ...thread }, { runtimeId: 1, ...thread }],
      main: stats,
      total: stats,
    });
    const { values } = parse(text).get("reactio_connects_total") ??
      assert.fail();
    assert.deepEqual(
      values.map(({ labels, value }) => [labels.thread, value]),
      [["0", 1], ["1", 1], ["main", 1]],
    );
  });

  it("refuses names that are none, and the library's own", async () => {
    const stats = await someStats();
    for (
      const options of [
        { prefix: "1_" },
        { prefix: "a b" },
        { labels: { "a-b": "" } },
        { labels: { le: "1" } },
        { labels: { thread: "1" } },
        { labels: { a: 1 } },
        { labels: null },
      ]
    ) {
      assert.throws(
        () => formatPrometheus(stats, options as PrometheusOptions),
        InvalidOptionError,
        JSON.stringify(options),
      );
    }
  });
});
