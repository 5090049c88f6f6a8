// Compares examples/redis_server with Redis, using redis-benchmark: each by
// turns on the same core, with redis-benchmark on another. With --threads,
// compares that number of threads with one, on all cores.

import { spawnSync } from "node:child_process";
import process from "node:process";
import { parseArgs } from "node:util";
import { short, shortSpread, titleOf } from "./format.ts";
import { loadAverage, thisMachine } from "./machine.ts";
import { Program } from "./process.ts";
import { RUNTIMES } from "./programs.ts";
import { asGenerator, asServer, canPin, type Settings } from "./settings.ts";
import { spreadOf } from "./stats.ts";

/**
 * The measurements: pipelined requests per connection, and their number per turn.
 * The deepest pipeline comes first, because it gets the code compiled soonest.
 */
const PIPELINES = [
  { depth: 16, count: 500_000 },
  { depth: 1, count: 50_000 },
];
const TESTS = ["SET", "GET"];
const PORT = 16379;
/** A turn that takes longer has failed. */
const LIMIT_MS = 60_000;

const { values: flags } = parseArgs({
  options: {
    runtime: { type: "string", multiple: true, default: Object.keys(RUNTIMES) },
    rounds: { type: "string", default: "7" },
    threads: { type: "string" },
    "no-pin": { type: "boolean", default: false },
  },
});
const rounds = Number(flags.rounds);
const settings: Settings = {
  rounds,
  seconds: 0,
  pin: !flags["no-pin"] && flags.threads === undefined && canPin(),
};
const [rival, title] = flags.threads === undefined
  ? ["Redis", "Reactio"]
  : ["one thread", `${flags.threads} threads`];

/** Starts a server. Resolves when it prints `ready`. */
async function start(
  command: readonly string[],
  ready: string,
): Promise<Program> {
  const lines: string[] = [];
  return await new Promise((resolve, reject) => {
    const program = new Program(asServer(settings, [...command]), {
      onLine(line) {
        lines.push(line);
        if (line.includes(ready)) resolve(program);
      },
    });
    setTimeout(() => reject(new Error(lines.join("\n"))), LIMIT_MS).unref();
  });
}

const startRedis = () =>
  start([
    ...["redis-server", "--port", `${PORT}`, "--bind", "127.0.0.1"],
    ...["--save", "", "--appendonly", "no"],
  ], "Ready to accept connections");

const startOurs = (runtime: string, port: number, threads = "1") =>
  start([
    ...RUNTIMES[runtime]("../examples/redis_server/server"),
    ...[`--port=${port}`, `--threads=${threads}`],
  ], "listening on");

/** Requests per second, by test. */
function measure(
  port: number,
  { depth, count }: typeof PIPELINES[number],
): number[] {
  const [program, ...args] = asGenerator(settings, [
    ...["redis-benchmark", "-p", `${port}`, "--csv"],
    ...["-t", TESTS.join(",").toLowerCase(), "-c", "50"],
    ...["-n", `${count}`, "-P", `${depth}`],
  ]);
  const { stdout, status } = spawnSync(program, args, {
    encoding: "utf8",
    timeout: LIMIT_MS,
  });
  const rates = TESTS.map((test) =>
    Number(new RegExp(`^"${test}","([\\d.]+)"`, "m").exec(stdout ?? "")?.[1])
  );
  if (status === 0 && rates.every((rate) => rate > 0)) return rates;
  throw new Error(`redis-benchmark has failed: ${stdout}`);
}

/**
 * Prints the rows of the table. Both servers are measured by turns, so that
 * neighbouring measurements are compared.
 */
function compare(runtime: string): void {
  const port = PORT + 1;
  for (const pipeline of PIPELINES) {
    measure(PORT, pipeline); // warm-up, not counted
    measure(port, pipeline);
    const pairs = Array.from({ length: rounds }, (_, round) => {
      const turns = round % 2 === 0 ? [PORT, port] : [port, PORT];
      const results = new Map(
        turns.map((each) => [each, measure(each, pipeline)]),
      );
      return [results.get(PORT) ?? [], results.get(port) ?? []];
    });
    TESTS.forEach((test, i) => {
      const rates = (which: number) => pairs.map((pair) => pair[which][i]);
      const ratio = spreadOf(pairs.map(([redis, ours]) => ours[i] / redis[i]));
      console.log(
        `| ${titleOf(runtime)} | ${test} -P ${pipeline.depth} | ${
          short(spreadOf(rates(0)).median)
        } | ${short(spreadOf(rates(1)).median)} | ${shortSpread(ratio)} |`,
      );
    });
  }
}

const { cores, processor } = thisMachine();
const pinned = settings.pin ? "each on a core of its own" : "not pinned";
console.log(
  `${processor}, ${cores} cores, load average ${
    short(loadAverage())
  }; server and redis-benchmark ${pinned}, ${rounds} rounds: medians, and the middle half of the ratios

|     |     | ${rival}, requests/s | ${title} | ratio |
| --- | --- | ----------------: | ------: | ----: |`,
);
for (const runtime of flags.runtime) {
  const both = [
    await (flags.threads === undefined
      ? startRedis()
      : startOurs(runtime, PORT)),
    await startOurs(runtime, PORT + 1, flags.threads),
  ];
  compare(runtime);
  for (const program of both) await program.stop();
}
process.exit(0);
