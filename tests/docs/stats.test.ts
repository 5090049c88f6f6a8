import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DefaultTcpListenerHandler,
  keepConnected,
  lines,
  MessageResult,
  ReactRuntime,
  RequestClient,
  serve,
} from "../../mod.ts";
import { type Metric, METRICS } from "../../src/stats/metrics.ts";
import { quoted, read, tableUnder } from "./project.ts";

// The table of the document is that of the code, and both have what is told.

const DOCUMENT = "docs/observability.md";

function rowOf(
  { name, owners, kind, unit, by, meaning, series }: Metric,
): string[] {
  return [
    `\`${name}\``,
    owners.join(", "),
    by === undefined ? kind : `${kind} by ${by}`,
    unit,
    meaning,
    series === undefined ? "" : `\`reactio_${series}\``,
  ];
}

test("the document has the figures of the code, with the same words", () => {
  assert.deepEqual(
    tableUnder(DOCUMENT, "## Every figure"),
    METRICS.map(rowOf),
  );
});

test("the channels of the code are made, and the document has them", () => {
  const inSources = Array.from(
    read("src/stats/events.ts").matchAll(/^ {2}readonly "([\w:-]+)": /gm),
    ([, name]) => name,
  );
  const inDocument = tableUnder(DOCUMENT, "## Events")
    .map(([name]) => quoted(name)[0]);
  const made = Array.from(
    read("src/stats/events.ts").matchAll(/ = channel\("([\w:-]+)"\)/g),
    ([, name]) => name,
  );
  assert.ok(inSources.length > 5);
  assert.deepEqual(inDocument, inSources, `the channels of ${DOCUMENT}`);
  assert.deepEqual(made, inSources, "the channels that Events makes");
});

/** The names of what `stats` tells: those of histograms, and of what has one for each reason or error, end there. */
function namesIn(stats: object, prefix = ""): string[] {
  return Object.entries(stats).flatMap(([key, value]) => {
    const name = prefix + key;
    const isLeaf = typeof value !== "object" ||
      METRICS.some((metric) => metric.name === name);
    return isLeaf ? [name] : namesIn(value, `${name}.`);
  });
}

/** The names that the table has of `owner`. */
function namesOf(owner: Metric["owners"][number]): string[] {
  return METRICS.filter(({ owners }) => owners.includes(owner))
    .map(({ name }) => name);
}

test("all who tell stats tell the figures of the table, no more and no less", async () => {
  const runtime = new ReactRuntime();
  const listener = await runtime.listen(
    "127.0.0.1:0",
    new DefaultTcpListenerHandler(() => ({
      onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
    })),
  );
  const connection = await runtime.connect(listener.address, {
    onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
  });
  const kept = keepConnected(runtime, listener.address, () => ({
    onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
  }));
  const client = new RequestClient(runtime, lines());
  const server = serve(lines(), (line) => line);
  const told = { runtime, listener, connection, kept, client, server };
  for (const [owner, teller] of Object.entries(told)) {
    assert.deepEqual(
      namesIn(teller.stats()).sort(),
      namesOf(owner as keyof typeof told).sort(),
      owner,
    );
  }
  await runtime.stop({ graceMs: 0 });
});
