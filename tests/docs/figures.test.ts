import assert from "node:assert/strict";
import { test } from "node:test";
import { read, tableUnder } from "./project.ts";

// The figures in the documents are those of the latest results of the bench.

const RESULTS = "bench/RESULTS.md";
const PERFORMANCE = "docs/performance.md";
const RUNTIMES = ["Deno", "Bun", "Node"] as const;
type Runtime = typeof RUNTIMES[number];

const targets = new Map(
  tableUnder(RESULTS, "## Targets").map(([name, , ...found]) => [name, found]),
);

/** The median of a target, as text. */
function target(name: string, runtime: Runtime): string {
  const found = targets.get(name)?.[RUNTIMES.indexOf(runtime)];
  assert.ok(found, `no target "${name}"`);
  return found.split(" ")[0];
}

/** The targets of a row of a table: one for each of `runtimes`. */
function row(
  names: string[],
  runtimes: readonly Runtime[] = RUNTIMES,
): string[] {
  return names.flatMap((name) => runtimes.map((it) => target(name, it)));
}

/** The columns after the first `skipped` of a table, without emphasis. */
function figures(path: string, heading: string, skipped: number): string[][] {
  return tableUnder(path, heading).map((cells) =>
    cells.slice(skipped).map((cell) => cell.replaceAll("*", ""))
  );
}

/** A cell of a table of results, such as the processor time of a message. */
function cell(heading: string, name: string, column: string): number {
  const [, section = ""] = read(RESULTS).split(`\n## ${heading}\n`);
  const cellsOf = (line = "") => line.split("|").map((it) => it.trim());
  const lines = section.split("\n");
  const head = cellsOf(lines.find((line) => line.startsWith("| ")));
  const cells = cellsOf(lines.find((line) => line.startsWith(`| ${name} `)));
  const text = cells[head.indexOf(column)] ?? "";
  assert.match(text, /^[\d.]+$/, `${heading}, ${name}, ${column}`);
  return Number(text);
}

/** How many ns a message takes more than a raw echo. */
function moreThanRaw(heading: string, runtime: Runtime, subject: string) {
  const [its, raw] = [subject, "raw"].map((name) =>
    cell(heading, `${runtime} ${name}`, "CPU ns/msg")
  );
  return its - raw;
}

/** The text of a document on one line. */
const text = (path: string) => read(path).replace(/\s+/g, " ");

test("the README's table has the targets of RESULTS.md", () => {
  const [, table] = read("README.md").split("| Messages a second, times");
  const [, , ...lines] = table.split("\n\n")[0].split("\n");
  const rows = lines.map((line) =>
    line.split("|").slice(2, 5).map((it) => it.trim())
  );
  assert.deepEqual(
    rows,
    [
      "50x16x128: messages a second against raw",
      "50x16x128: messages a second against careful",
      "50x16x128: messages a second against naive",
      "500x1x128: messages a second against raw",
      "4x1x64K: messages a second against raw",
      "4x1M: messages a second against raw",
      "churn: messages a second against careful",
    ].map((name) => row([name])),
  );
});

const SENDING =
  "sending: messages a second by Reactio, sendOrQueue, against Reactio";
const ENCODED =
  "encoded: messages a second by Reactio, encoded, against careful, encoded";
const IDLE = "idle: KiB of heap over raw, for a connection";
const GARBAGE =
  "garbage: bytes for a message, apart from those for a read, over raw";

test("the tables of docs/performance.md have the targets of RESULTS.md", () => {
  assert.deepEqual(
    figures(PERFORMANCE, "## Where targets are missed", 2),
    [
      "50x16x128: messages a second against raw",
      "500x1x128: messages a second against raw",
      "4x1M: messages a second against raw",
      SENDING,
      ENCODED,
    ].map((name) => row([name], ["Deno", "Bun"])),
  );
  assert.deepEqual(
    figures(PERFORMANCE, "### TLS", 1),
    ["tls-1x1x32", "tls-50x16x128", "tls-4x1x64K"].map((load) =>
      row([
        `${load}: messages a second in TLS against node:tls`,
        `${load}: messages a second in TLS, framed against node:tls, framed`,
      ])
    ),
  );
});

const MANY = "50 connections × 64 messages of 32 B";
const FEW = "50 connections × 16 messages of 128 B";

test("what docs/performance.md says of small messages is in RESULTS.md", () => {
  const said = text(PERFORMANCE);
  const more = (heading: string, runtime: Runtime) =>
    ["Reactio", "careful"].map((it) => moreThanRaw(heading, runtime, it));
  for (const runtime of ["Bun", "Deno"] as const) {
    const [section] = said.split(`### Small messages on ${runtime} `)[1]
      .split(" ### ");
    const [many, byHand] = more(MANY, runtime);
    const [few, fewByHand] = more(FEW, runtime);
    const words =
      `a message takes ${many} ns more than raw, and ${byHand} ns ` +
      `more if framed by hand; with 16 in flight it takes ${few} ns more, ` +
      `and ${fewByHand} if framed by hand.`;
    assert.ok(section.includes(words), `on ${runtime}: ${words}`);
  }
  const [one, oneByHand] = ["Reactio", "careful"].map((it) =>
    (moreThanRaw("500 connections × 1 message of 128 B", "Bun", it) / 1000)
      .toFixed(2)
  );
  assert.ok(
    said.includes(
      `a message takes ${one} µs more than raw, and ${oneByHand} µs more if framed by hand.`,
    ),
    `500 connections on Bun: ${one} and ${oneByHand} µs`,
  );
});

test("other figures of docs/performance.md are in RESULTS.md", () => {
  const said = text(PERFORMANCE);
  const garbage = Number(target(GARBAGE, "Bun")).toFixed(1);
  const [onDeno, onBun, onNode] = row([IDLE]);
  const control = `${SENDING}, view made`;
  const [viewOnDeno, viewOnBun, viewOnNode] = row([control]);
  for (
    const words of [
      `is at ${target(SENDING, "Node")} with \`sendOrQueue\``,
      `each message makes ${garbage} bytes more garbage than raw`,
      `${onNode} KiB more heap than raw on Node, ${onBun} on Bun and ${onDeno} on Deno`,
      `it was at ${viewOnDeno} on Deno, ${viewOnBun} on Bun and ${viewOnNode} on Node.`,
    ]
  ) assert.ok(said.includes(words), words);
});
