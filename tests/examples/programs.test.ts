import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { LatencyTable } from "../../examples/latency.ts";
import { inTime } from "../support/in_time.ts";
import { isOurs } from "../support/sharing.ts";
import { ExampleProcess, host, type RuntimeName } from "./example_process.ts";

/** Runs an example that ends by itself. */
async function run(example: string, flags: string): Promise<ExampleProcess> {
  const running = new ExampleProcess(host, example, flags);
  await running.ended;
  return running;
}

/** Resolves to the port at which a server listens. */
async function portOf(server: ExampleProcess): Promise<string> {
  const [, port] = await server.printed(/^Listening on 127\.0\.0\.1:(\d+)\n/);
  return port;
}

/** Resolves to a port at which nobody listens. */
async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function assertTable(lines: string[], counts: number[]): void {
  const [heading, ...rows] = lines.map((line) => line.trim().split(/ {2,}/));
  assert.deepEqual(
    heading,
    ["round trips", "min", "p50", "p99", "p99.9", "max µs", "trips/s"],
  );
  assert.deepEqual(rows.map(([count]) => Number(count)), counts);
  for (const row of rows) {
    const [, ...latencies] = row.map(Number);
    const perSecond = latencies.pop() ?? 0;
    assert.deepEqual(latencies, latencies.toSorted((a, b) => a - b));
    assert.ok(latencies[0] > 0 && perSecond > 0, String(row));
  }
}

// Only a run on Node has the examples for all three at hand, so it plays every
// pair once; Deno and Bun play with themselves.
const players: RuntimeName[] = host === "node"
  ? ["deno", "bun", "node"]
  : [host];

for (const serving of players) {
  for (const playing of players) {
    test(`a server on ${serving} serves a client on ${playing}`, async () => {
      const server = new ExampleProcess(
        serving,
        "echo_server",
        "--port 0 --once",
      );
      const port = await portOf(server);
      const client = new ExampleProcess(
        playing,
        "echo_client",
        `--port ${port} --count 250 --batch=100`,
      );
      assert.equal(await client.ended, 0, client.err);
      assertTable(client.out.trimEnd().split("\n"), [100, 100, 50]);
      assert.equal(await server.ended, 0, server.err);
      assert.equal(server.out, `Listening on 127.0.0.1:${port}\nDone\n`);
      assert.equal(server.err + client.err, "");
    });
  }
}

test("the demo plays with itself", async () => {
  const { ended, out, err } = await run("demo", "--count 250 --batch=100");
  assert.equal(await ended, 0, err);
  const [title, ...table] = out.trimEnd().split("\n");
  assert.match(title, /^Ping-pong on 127\.0\.0\.1:\d+$/);
  assertTable(table, [100, 100, 50]);
  assert.equal(err, "");
});

test("two threads play with each other", async () => {
  const flags = "--count 250 --batch=100";
  const { ended, out, err } = await run("threaded_pingpong", flags);
  assert.equal(await ended, 0, err);
  const lines = out.trimEnd().split("\n");
  assert.equal(lines.pop(), "Commands from thread to thread: 1");
  assertTable(lines, [100, 100, 50]);
  assert.equal(err, "");
});

// Windows has no signal to send for Ctrl-C.
if (process.platform !== "win32") {
  test("the server serves one client after the other until Ctrl-C", async () => {
    const server = new ExampleProcess(host, "echo_server", "--port 0");
    const flags = `--port ${await portOf(server)} --count 10`;
    assert.equal(await (await run("echo_client", flags)).ended, 0);
    assert.equal(await (await run("echo_client", flags)).ended, 0);
    server.interrupt();
    assert.equal(await server.ended, 0, server.err);
    assert.match(server.out, /\nDone\n$/);
  });

  test("the server ends cleanly by SIGTERM, and does not wait for an idle client", async () => {
    const server = new ExampleProcess(host, "echo_server", "--port 0");
    const port = Number(await portOf(server));
    const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    client.write(new Uint8Array(10)); // an empty message: who gets it back is served
    await once(client, "data");
    await inTime(async () => {
      server.interrupt("SIGTERM");
      await once(client, "end");
      assert.equal(await server.ended, 0, server.err);
    }, 4000);
    client.destroy();
  });

  test("the client says when the server leaves in the middle of a game", async () => {
    const server = new ExampleProcess(host, "echo_server", "--port 0");
    const flags = `--port ${await portOf(
      server,
    )} --count 1000000000 --batch 100`;
    const client = new ExampleProcess(host, "echo_client", flags);
    await client.printed(/\n +100 /);
    server.interrupt();
    assert.equal(await client.ended, 1);
    assert.match(client.err, /^The server left after \d+ round trips\n$/);
    assert.equal(await server.ended, 0, server.err);
  });
}

test("a connect that is refused ends the client with a plain message", async () => {
  const port = await unusedPort();
  const { ended, out, err } = await run("echo_client", `--port ${port}`);
  assert.equal(await ended, 1);
  assert.equal(
    err,
    `Cannot connect to 127.0.0.1:${port}: nobody listens there\n`,
  );
  assert.equal(out, "");
});

/** The flags of where to listen, of `examples/serve.ts`, and of TLS. */
const LISTENING = ["hostname", "port"];
const SERVING = [...LISTENING, "threads", "drain", "inspect"];
const CREDENTIAL = ["cert", "key", "passphrase"];
const TRUST = ["ca", "name"];

/** What runs until it is ended, and what ends by itself, each with its flags. */
const SERVERS = {
  echo_server: [...LISTENING, "once"],
  "behind_proxy/server": [...LISTENING, "proxy"],
  "chat/server": [...SERVING, "web", "rooms"],
  "http_hello/server": [...SERVING, ...CREDENTIAL, "maxbody"],
  "modbus_gateway/serve_gateway": [...SERVING, "devices", "timeout"],
  "modbus_gateway/serve_slave": [...LISTENING, "count"],
  "mqtt_broker/server": [
    ...SERVING,
    ...CREDENTIAL,
    "maxqueued",
    "maxabsent",
    "maxpacket",
  ],
  "proxy/server": [...SERVING, "to", ...CREDENTIAL, "header", "idle"],
  "redis_server/server": [...SERVING, "appendonly", "appendfsync"],
};
const OTHERS = {
  demo: [...LISTENING, "count", "batch"],
  echo_client: [...LISTENING, "count", "batch"],
  "restart/server": ["at"],
  simulation: ["bug", "seeds", "replay"],
  "starttls/client": [...LISTENING, ...TRUST],
  "starttls/server": [...LISTENING, ...CREDENTIAL],
  threaded_pingpong: ["count", "batch"],
  "tls_echo/client": [...LISTENING, ...TRUST, ...CREDENTIAL, "say"],
  "tls_echo/server": [...LISTENING, ...CREDENTIAL, "clientca"],
};

// The runtimes share the cases in which no more of an example runs than its
// parsing of flags, and that starts on each of them in another test.
test("each example names its flags by --help", async () => {
  const all = [
    ...Object.entries(SERVERS).filter((_, i) => isOurs(i)),
    ...Object.entries(OTHERS),
  ];
  await Promise.all(all.map(async ([example, flags]) => {
    const { ended, out, err } = await run(example, "--help");
    assert.equal(await ended, 0, example + err);
    const named = [...out.matchAll(/^ {2}--(\w+) {2,}\S/gm)];
    assert.deepEqual(named.map(([, name]) => name), [...flags, "help"]);
    assert.equal(err, "");
  }));
});

/** What was not logged: a gateway may tell first that a device is not there. */
function unlogged(err: string): string {
  return err.replace(/^\[\d{4}-.*\n/gm, "");
}

test("a port that is in use ends each server with a plain message", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const inUse = `127.0.0.1:${port}: the address is in use\n`;
  const runs = [
    ...Object.keys(SERVERS).map((it) => [it, `--port ${port}`]),
    ["http_hello/server", `--port 0 --inspect 127.0.0.1:${port}`],
    ["modbus_gateway/serve_gateway", `--port ${port} --threads 2`],
  ];
  await Promise.all(runs.map(async ([example, flags]) => {
    const { ended, err } = await run(example, flags);
    assert.equal(await ended, 1, example);
    const said = example.startsWith("modbus_gateway/") ? unlogged(err) : err;
    assert.equal(said, `Cannot listen on ${inUse}`, example);
  }));
  other.close();
  await once(other, "close");
});

test("what speaks TLS says what it needs for that", async () => {
  for (
    const [example, flags] of [
      ["tls_echo/server", "--port 0"],
      ["tls_echo/server", "--port 0 --cert package.json"],
      ["http_hello/server", "--port 0 --passphrase package.json"],
    ]
  ) {
    const { ended, out, err } = await run(example, flags);
    assert.equal(await ended, 1);
    assert.equal(err, "--cert and --key go together\n");
    assert.equal(out, "");
  }
});

const DEVICES =
  "it needs unit ids, each once, and addresses, as 1=host:port,2=host:port";
const ADDRESS = "it needs a host and a port, as 127.0.0.1:9229";

const refused = [
  [
    "proxy/server",
    "--to 127.0.0.1:99999",
    `--to "127.0.0.1:99999": ${ADDRESS}`,
  ],
  ["proxy/server", "--to 127.0.0.1:0", `--to "127.0.0.1:0": ${ADDRESS}`],
  ["proxy/server", "--to [::1:5", `--to "[::1:5": ${ADDRESS}`],
  ["chat/server", "--inspect x:99999", `--inspect "x:99999": ${ADDRESS}`],
  [
    "behind_proxy/server",
    "--proxy localhost",
    '--proxy "localhost": it needs an IP address',
  ],
  [
    "modbus_gateway/serve_gateway",
    "--devices 1=a:1,1=b:1",
    `--devices "1=a:1,1=b:1": ${DEVICES}`,
  ],
  [
    "modbus_gateway/serve_gateway",
    "--devices 1=a:0",
    `--devices "1=a:0": ${DEVICES}`,
  ],
  [
    "modbus_gateway/serve_gateway",
    "--devices 1",
    `--devices "1": ${DEVICES}`,
  ],
  ...[
    ["--port 65536", '--port "65536": it needs an integer from 0 to 65535'],
    ["--port 1e3", '--port "1e3": it needs an integer from 0 to 65535'],
    ["--port", "--port: it needs an integer from 0 to 65535"],
    [
      "--hostname :::",
      '--hostname ":::": it needs a host name or an IP address',
    ],
    [
      "--hostname a/b",
      '--hostname "a/b": it needs a host name or an IP address',
    ],
    ["--once=yes", '--once "yes": it takes no value'],
    ["--prot 1", "--prot: the flags are --hostname, --port, --once, --help"],
    ["10254", "10254: the flags are --hostname, --port, --once, --help"],
  ].map((refusal) => ["echo_server", ...refusal]),
];
for (
  const [example, flags, message] of refused.filter((_, i) => isOurs(i))
) {
  test(`${example} ${flags} is not accepted`, async () => {
    const { ended, out, err } = await run(example, flags);
    assert.equal(await ended, 2);
    assert.equal(err, `Cannot use ${message}\n`);
    assert.equal(out, "");
  });
}

test("the table tells percentiles and the rate of each batch", () => {
  const lines: string[] = [];
  const table = new LatencyTable(1000, (line) => lines.push(line));
  for (let i = 1; i <= 1000; i++) {
    const micros = 1 + (7919 * i) % 1000; // 1 to 1000, each once, mixed up
    table.add(10 * i, 10 * i + micros / 1000);
  }
  table.add(0, 0.009);
  table.add(10, 10.008);
  table.finish();
  assert.deepEqual(lines.map((line) => line.trim().split(/ {2,}/)), [
    ["round trips", "min", "p50", "p99", "p99.9", "max µs", "trips/s"],
    ["1000", "1.0", "500.0", "990.0", "999.0", "1000.0", "100"],
    ["2", "8.0", "8.0", "9.0", "9.0", "9.0", "200"],
  ]);
});
