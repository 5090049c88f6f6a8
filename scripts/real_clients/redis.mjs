// @ts-check
//
// Queries examples/redis_server with redis-cli, redis-benchmark and ioredis,
// compares it with Redis, and kills it in the middle of writes.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { importPackage } from "../npx.mjs";
import { freePort } from "./ports.mjs";
import { Program } from "./program.mjs";
import { BYTES, COMMANDS } from "./redis_commands.mjs";
import { drawCommands } from "./redis_random.mjs";
import { RedisConnection } from "./redis_replies.mjs";

/** The number of random commands. */
const DRAWN = 3000;
const IOREDIS = "ioredis@6.0.0";

/** The values of `--threads`. */
const THREADS = [1, 2];

/**
 * Checks a server in one thread and in three: two for the connections, and one
 * for the data.
 */
export async function* checkRedis(
  /** @type {import("./program.mjs").Runtime} */ runtime,
) {
  // The only folder that Deno is permitted to read and write.
  const folder = fs.mkdtempSync(".redis-");
  const realPort = await freePort();
  const real = startRedis(realPort);
  /** @type {Program[]} */
  const running = [real];
  try {
    const servers = THREADS.map((threads) => ({
      of: `--threads ${threads}: `,
      server: start(runtime, `--threads=${threads}`),
    }));
    running.push(...servers.map(({ server }) => server));
    await real.printed(/Ready to accept connections/);
    for (const { of, server } of servers) {
      const port = await server.port();
      for await (const passed of check([realPort, port])) yield of + passed;
      assert.equal(await server.terminate(), 0, server.output);
    }
    const kills = await Promise.all(THREADS.map((threads) => {
      const file = path.join(folder, `kept${threads}`);
      const flags = [`--appendonly=${file}`, `--threads=${threads}`];
      return checkKill(runtime, [...flags, "--appendfsync=always"], running);
    }));
    for (const [i, { answered, extra }] of kills.entries()) {
      yield `${
        servers[i].of
      }kill -9 in the middle of writes: of ${answered} that were answered all are there, and ${extra} more`;
    }
  } finally {
    for (const program of running) program.kill();
    fs.rmSync(folder, { recursive: true });
  }
}

/** Compares both servers, and tries clients on the second. */
async function* check(/** @type {[real: number, ours: number]} */ ports) {
  for (const protocol of ["2", "3"]) {
    await compareReplies(ports, protocol);
    yield `${COMMANDS.length} replies of RESP${protocol} are those of Redis`;
  }
  await compareRandom(ports);
  yield `so are ${DRAWN} of commands drawn at random`;
  // One after the other, because each has its own connection.
  for (const bytes of BYTES) await compareBytes(ports, bytes);
  yield `${BYTES.length} inputs that are none, or words in a line, too`;
  const [, port] = ports;
  await checkCli(port);
  yield "redis-cli";
  await checkBenchmark(port);
  yield "redis-benchmark";
  await checkIoredis(port);
  yield "ioredis";
}

function start(
  /** @type {import("./program.mjs").Runtime} */ runtime,
  /** @type {string[]} */ ...flags
) {
  const command = runtime.command("redis_server/server", ["--allow-write=."]);
  return new Program([...command, "--port=0", ...flags]);
}

function startRedis(/** @type {number} */ port) {
  return new Program([
    ...["redis-server", "--port", `${port}`, "--bind", "127.0.0.1"],
    ...["--save", "", "--appendonly", "no"],
  ]);
}

async function compareReplies(
  /** @type {number[]} */ ports,
  /** @type {string} */ protocol,
) {
  const connections = await Promise.all(
    ports.map((port) => RedisConnection.open(port)),
  );
  const ask = (/** @type {string[]} */ ...args) =>
    Promise.all(connections.map((one) => one.ask(...args)));
  await ask("FLUSHALL");
  await ask("HELLO", protocol);
  for (const command of COMMANDS) {
    const [expected, got] = await ask(...command);
    assert.equal(got, expected, command.join(" "));
  }
  for (const one of connections) one.close();
}

/** Sends all commands at once, like a pipelining client. */
async function compareRandom(/** @type {number[]} */ ports) {
  const commands = drawCommands(Date.now(), DRAWN);
  const [expected, got] = await Promise.all(ports.map(async (port) => {
    const connection = await RedisConnection.open(port);
    await connection.ask("FLUSHALL");
    for (const command of commands) connection.send(...command);
    const replies = [];
    for (const _ of commands) replies.push(await connection.reply());
    connection.close();
    return replies;
  }));
  const at = got.findIndex((reply, i) => reply !== expected[i]);
  const before = JSON.stringify(commands.slice(Math.max(0, at - 20), at + 1));
  assert.equal(got[at], expected[at], before);
}

async function compareBytes(
  /** @type {number[]} */ ports,
  /** @type {string} */ bytes,
) {
  const [expected, got] = await Promise.all(ports.map(async (port) => {
    const connection = await RedisConnection.open(port);
    connection.end(`${bytes}PING\r\n`);
    return await connection.rest();
  }));
  assert.deepEqual(got, expected, JSON.stringify(bytes.slice(0, 100)));
}

async function checkCli(/** @type {number} */ port) {
  const cli = async (/** @type {string[]} */ ...args) => {
    const program = new Program(["redis-cli", "-p", `${port}`, ...args]);
    assert.equal(await program.ended(), 0, program.output);
    return program.output.trimEnd();
  };
  assert.equal(await cli("flushall"), "OK");
  assert.equal(await cli("set", "cli", "a value"), "OK");
  assert.equal(await cli("get", "cli"), "a value");
  assert.equal(await cli("-3", "hset", "hash", "f", "1"), "1");
  assert.equal(await cli("-3", "--no-raw", "hgetall", "hash"), '1# "f" => "1"');
  assert.equal(await cli("--scan", "--pattern", "c*"), "cli");
  assert.match(await cli("info", "keyspace"), /db0:keys=2,expires=0/);
  assert.match(await cli("lpush", "cli", "x"), /^WRONGTYPE /);
}

async function checkBenchmark(/** @type {number} */ port) {
  const tests = "ping,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,mset";
  const program = new Program([
    ...["redis-benchmark", "-p", `${port}`, "-q", "-n", "1000"],
    ...["-P", "16", "-c", "20", "-r", "1000", "-t", tests],
  ]);
  assert.equal(await program.ended(), 0, program.output);
  const results = program.output.match(/[\d.]+ requests per second/g) ?? [];
  assert.equal(results.length, tests.split(",").length + 1, program.output);
  assert.doesNotMatch(program.output, /error/i);
}

async function checkIoredis(/** @type {number} */ port) {
  const { default: { Redis } } = await importPackage(
    IOREDIS,
    "built/index.js",
  );
  const client = new Redis({ port, connectionName: "tester" });
  const listener = new Redis({ port });
  try {
    assert.equal(await client.set("key", "value", "PX", 60_000), "OK");
    assert.equal(await client.get("key"), "value");
    assert.ok(await client.pttl("key") > 50_000);
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    await client.set("bytes", Buffer.from(bytes));
    assert.deepEqual(new Uint8Array(await client.getBuffer("bytes")), bytes);
    assert.equal(await client.client("GETNAME"), "tester");
    await client.hset("user", { name: "ann", age: "42" });
    assert.deepEqual(await client.hgetall("user"), { name: "ann", age: "42" });
    const pipeline = client.pipeline();
    for (let i = 0; i < 200; i++) pipeline.incr("count");
    const results = await pipeline.exec();
    assert.deepEqual(results.at(-1), [null, 200]);
    assert.deepEqual(
      await client.multi().set("a", "1").incr("a").lpush("a", "x").exec()
        .then((/** @type {any[]} */ all) =>
          all.map(([error, value]) => error?.message ?? value)
        ),
      [
        "OK",
        2,
        "WRONGTYPE Operation against a key holding the wrong kind of value",
      ],
    );
    await client.mset(Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`scan:${i}`, `${i}`]),
    ));
    const found = new Set();
    for await (const keys of client.scanStream({ match: "scan:*" })) {
      for (const key of keys) found.add(key);
    }
    assert.equal(found.size, 300);
    await listener.subscribe("news");
    await listener.psubscribe("n*");
    /** @type {string[]} */
    const heard = [];
    const all = new Promise((resolve) => {
      const hear = (/** @type {string[]} */ ...words) =>
        heard.push(words.join(" ")) === 2 && resolve(undefined);
      listener.on("message", hear);
      listener.on("pmessage", hear);
    });
    assert.equal(await client.publish("news", "hello"), 2);
    await all;
    assert.deepEqual(heard, ["news hello", "n* news hello"]);
    assert.equal(await listener.unsubscribe("news"), 1);
  } finally {
    client.disconnect();
    listener.disconnect();
  }
}

/** The number of concurrent writers, and of pending requests of each. */
const WRITERS = 8;
const WINDOW = 8;
/** The number of answers after which the server is killed. */
const KILLED_AFTER = 600;

async function checkKill(
  /** @type {import("./program.mjs").Runtime} */ runtime,
  /** @type {string[]} */ flags,
  /** @type {Program[]} */ running,
) {
  const first = start(runtime, ...flags);
  running.push(first);
  const port = await first.port();
  const sent = new Array(WRITERS).fill(0);
  const answered = new Array(WRITERS).fill(0);
  let total = 0;
  await Promise.all(sent.map(async (_, writer) => {
    const connection = await RedisConnection.open(port);
    const write = () =>
      connection.send("SET", `${writer}:${sent[writer]++}`, "value");
    for (let i = 0; i < WINDOW; i++) write();
    while (await connection.reply() === "+OK\r\n") {
      answered[writer]++;
      if (++total === KILLED_AFTER) first.kill();
      write();
    }
  }));
  assert.ok(total >= KILLED_AFTER);

  const second = start(runtime, ...flags);
  running.push(second);
  const connection = await RedisConnection.open(await second.port());
  let extra = 0;
  for (let writer = 0; writer < WRITERS; writer++) {
    const count = async (
      /** @type {number} */ from,
      /** @type {number} */ to,
    ) =>
      Number((await connection.ask(
        "EXISTS",
        "none",
        ...Array.from({ length: to - from }, (_, i) => `${writer}:${from + i}`),
      )).slice(1));
    const [of, all] = [answered[writer], sent[writer]];
    assert.equal(await count(0, of), of, `of writer ${writer}`);
    extra += await count(of, all);
  }
  connection.close();
  assert.equal(await second.terminate(), 0, second.output);
  return { answered: total, extra };
}
