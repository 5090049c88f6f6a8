import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, describe, it } from "node:test";
import reactors, { keepData } from "../../../examples/redis_server/reactors.ts";
import {
  type AddressLike,
  connectMessages,
  type MessageConnection,
  ReactRuntime,
  simulate,
} from "../../../mod.ts";
import { ExampleProcess, host } from "../example_process.ts";
import { NearThread } from "./near_thread.ts";
import { replies } from "./replies_codec.ts";

type Client = MessageConnection<string, readonly string[]>;

/** Where Deno lets an example read and write. */
const folder = fs.mkdtempSync(".redis-test-");
after(() => fs.rmSync(folder, { recursive: true }));

/** Serves by `runtime`; resolves to where. */
type Serve = (
  runtime: ReactRuntime,
  address?: AddressLike,
  appendonly?: string,
) => Promise<AddressLike>;

const serveAlone: Serve = async (
  runtime,
  address = "127.0.0.1:0",
  appendonly = "",
) => {
  const thread = { runtime, runtimeId: 0, threadCount: 1 };
  const options = { appendonly, appendfsync: "always" } as const;
  const handler = reactors.listeners.redis(options, thread);
  return (await runtime.listen(address, handler)).address;
};

const serveAcross: Serve = async (
  runtime,
  address = "127.0.0.1:0",
  appendonly = "",
) => {
  const options = { appendonly, appendfsync: "always" } as const;
  const data = keepData(options, runtime);
  const { serving } = new NearThread(runtime, data.services);
  const handler = reactors.listeners.redis(options, serving);
  return (await runtime.listen(address, handler)).address;
};

const SERVED = {
  "in one thread": serveAlone,
  "that has its data in another thread": serveAcross,
};

const connect = (runtime: ReactRuntime, address: AddressLike) =>
  connectMessages(runtime, address, replies);

async function ask(client: Client, line: string): Promise<string> {
  void client.send(line.split(" "));
  return await client.receive() ?? "(closed)";
}

describe("the file of a Redis server", () => {
  const serve = serveAlone;

  it("has all keys again that its file has, without those whose time was over", async () => {
    const file = path.join(folder, "again");
    const lines = [
      "SET a 1",
      "INCR a",
      "SET gone 1 PX 40",
      "INCR gone",
      "RPUSH list x y z",
      "LPOP list",
      "SELECT 3",
      "HSET hash f 1",
      "EXPIRE hash 100",
      "SADD set m",
      "SREM set m",
    ];
    await simulate({ seeds: 1 }, async (sim) => {
      const address = await serve(sim.runtime("server"), "server:6379", file);
      const client = await connect(sim.runtime("client"), address);
      for (const line of lines) await ask(client, line);
      await client.close();
    });
    await simulate({ seeds: 1 }, async (sim) => {
      await sim.sleep(1000);
      const address = await serve(sim.runtime("server"), "server:6379", file);
      const client = await connect(sim.runtime("client"), address);
      assert.equal(await ask(client, "GET a"), "$1\r\n2\r\n");
      assert.equal(await ask(client, "EXISTS gone"), ":0\r\n");
      assert.equal(
        await ask(client, "LRANGE list 0 -1"),
        "*2\r\n$1\r\ny\r\n$1\r\nz\r\n",
      );
      await ask(client, "SELECT 3");
      assert.equal(await ask(client, "HGET hash f"), "$1\r\n1\r\n");
      assert.equal(await ask(client, "TTL hash"), ":99\r\n");
      assert.equal(await ask(client, "EXISTS set"), ":0\r\n");
      await client.close();
    });
  });

  it("reads back the last time that there is, however it was given", async () => {
    const file = path.join(folder, "last");
    const last = 2n ** 63n - 1n;
    const lines = [
      `SET a 1 PXAT ${last}`,
      "SET b 1",
      `PEXPIREAT b ${last}`,
      `PSETEX c ${last - 10_000_000_000_000n} 1`,
    ];
    for (const asked of [[...lines, "BGREWRITEAOF"], lines, []]) {
      await simulate({ seeds: 1 }, async (sim) => {
        const address = await serve(sim.runtime("server"), "server:6379", file);
        const client = await connect(sim.runtime("client"), address);
        for (const line of asked) {
          assert.match(await ask(client, line), /^[+:]/, line);
        }
        for (const key of ["a", "b", "c"]) {
          assert.match(await ask(client, `TTL ${key}`), /^:92233\d{11}\r\n$/);
        }
        await client.close();
      });
    }
  });

  it("keeps a transaction in one batch, and what is as long as it may be", async () => {
    const file = path.join(folder, "transaction");
    const long = "\xff".repeat(70_000);
    await simulate({ seeds: 1 }, async (sim) => {
      const address = await serve(sim.runtime("server"), "server:6379", file);
      const client = await connect(sim.runtime("client"), address);
      for (const line of ["MULTI", `SET a ${long}`, `APPEND a ${long}`]) {
        await ask(client, line);
      }
      assert.equal(await ask(client, "EXEC"), "*2\r\n+OK\r\n:140000\r\n");
      await client.close();
    });
    const text = fs.readFileSync(file, "latin1");
    assert.equal(text.match(/^#/gm)?.length, 1);
    await simulate({ seeds: 1 }, async (sim) => {
      const address = await serve(sim.runtime("server"), "server:6379", file);
      const client = await connect(sim.runtime("client"), address);
      assert.equal(
        await ask(client, "GET a"),
        `$140000\r\n${long}${long}\r\n`,
      );
      await client.close();
    });
  });

  it("writes its file anew with what there is, and goes on with that", async () => {
    const file = path.join(folder, "rewritten");
    const all = (letter: string) =>
      Array.from({ length: 200 }, (_, i) => `${letter}${i}`);
    const lines = [
      `RPUSH list ${all("l").join(" ")}`,
      `HSET hash ${all("h").join(" ")}`,
      "SET text 1 EX 100",
      "SELECT 2",
      `SADD set ${all("s").join(" ")}`,
    ];
    const questions = [
      "SCARD set",
      "SELECT 0",
      "LRANGE list 0 -1",
      "HGETALL hash",
      "TTL text",
      "GET n",
      "DBSIZE",
    ];
    const answers: string[] = [];
    await simulate({ seeds: 1 }, async (sim) => {
      const address = await serve(sim.runtime("server"), "server:6379", file);
      const client = await connect(sim.runtime("client"), address);
      for (let i = 0; i < 1000; i++) void client.send(["INCR", "n"]);
      for (let i = 0; i < 1000; i++) await client.receive();
      for (const line of lines) await ask(client, line);
      const { size } = fs.statSync(file);
      assert.match(await ask(client, "BGREWRITEAOF"), /^\+Background append/);
      assert.ok(fs.statSync(file).size < size - 20_000);
      await ask(client, "SELECT 0");
      await ask(client, "INCR n");
      await ask(client, "SELECT 2");
      for (const line of questions) answers.push(await ask(client, line));
      await client.close();
    });
    await simulate({ seeds: 1 }, async (sim) => {
      const address = await serve(sim.runtime("server"), "server:6379", file);
      const client = await connect(sim.runtime("client"), address);
      await ask(client, "SELECT 2");
      for (const [i, line] of questions.entries()) {
        assert.equal(await ask(client, line), answers[i], line);
      }
      await client.close();
    });
  });

  it("writes its file anew by itself when that has grown long", async () => {
    const file = path.join(folder, "long");
    await simulate({ seeds: 1 }, async (sim) => {
      const address = await serve(sim.runtime("server"), "server:6379", file);
      const client = await connect(sim.runtime("client"), address);
      await ask(client, `SET key ${"x".repeat(5_000_000)}`);
      for (let i = 0; i < 13; i++) {
        void client.send(["MULTI"]);
        void client.send(["APPEND", "key", "y"]);
        void client.send(["RPUSH", "list", "x".repeat(5_000_000)]);
        void client.send(["DEL", "list"]);
        void client.send(["EXEC"]);
      }
      for (let i = 0; i < 13 * 5; i++) await client.receive();
      assert.ok(fs.statSync(file).size > 64 * 1024 * 1024);
      await sim.until(() => fs.statSync(file).size < 6_000_000);
      assert.equal(await ask(client, "STRLEN key"), ":5000013\r\n");
      await client.close();
    });
  });
});

for (const [served, serve] of Object.entries(SERVED)) {
  describe(`a Redis server ${served}`, () => {
    const fileOf = (name: string) => path.join(folder, `${name} ${served}`);

    it("counts every request once, whatever the network does", async () => {
      await simulate({ seeds: 20, faults: "gentle" }, async (sim) => {
        const address = await serve(sim.runtime("server"), "server:6379");
        await Promise.all(Array.from({ length: 3 }, async (_, i) => {
          const client = await connect(sim.runtime(`client${i}`), address);
          const turns = sim.random.integer(1, 30);
          for (let turn = 1; turn <= turns; turn++) {
            void client.send(["INCR", `own:${i}`]);
            if (sim.random.chance(0.5)) {
              await sim.sleep(sim.random.integer(0, 5));
            }
          }
          for (let turn = 1; turn <= turns; turn++) {
            assert.equal(await client.receive(), `:${turn}\r\n`);
          }
          await client.close();
        }));
      });
    });

    it("replies when what was changed is in the file, in order, and what it read meanwhile", async () => {
      let seed = 0;
      await simulate({ seeds: 10, faults: "gentle" }, async (sim) => {
        const file = fileOf(`seed${seed++}`);
        const address = await serve(sim.runtime("server"), "server:6379", file);
        await Promise.all(Array.from({ length: 4 }, async (_, i) => {
          const client = await connect(sim.runtime(`client${i}`), address);
          for (let turn = 0; turn < 5; turn++) {
            const value = `value${i}${turn}`;
            void client.send(["SET", `key${i}`, value]);
            void client.send(["GET", `key${i}`]);
            assert.equal(await client.receive(), "+OK\r\n");
            assert.ok(fs.readFileSync(file, "latin1").includes(value));
            assert.equal(
              await client.receive(),
              `$${value.length}\r\n${value}\r\n`,
            );
          }
          await client.close();
        }));
      });
    });

    it("writes what many clients have changed in one turn at once", async () => {
      const file = fileOf("batches");
      await simulate({ seeds: 1 }, async (sim) => {
        const address = await serve(sim.runtime("server"), "server:6379", file);
        const client = await connect(sim.runtime("client"), address);
        for (let i = 0; i < 100; i++) void client.send(["INCR", "n"]);
        for (let i = 0; i < 100; i++) await client.receive();
        await client.close();
      });
      const batches = fs.readFileSync(file, "latin1").match(/^#/gm) ?? [];
      assert.ok(batches.length < 10, `${batches.length} batches`);
    });

    it("sends messages to who listens, in the order of both", async () => {
      await simulate({ seeds: 10, faults: "gentle" }, async (sim) => {
        const address = await serve(sim.runtime("server"), "server:6379");
        const listener = await connect(sim.runtime("listener"), address);
        assert.equal(
          await ask(listener, "SUBSCRIBE news"),
          "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n",
        );
        assert.match(await ask(listener, "GET a"), /^-ERR Can't execute 'get'/);
        const speaker = await connect(sim.runtime("speaker"), address);
        for (let i = 0; i < 20; i++) {
          void speaker.send(["PUBLISH", "news", `${i}`]);
        }
        for (let i = 0; i < 20; i++) {
          assert.equal(await speaker.receive(), ":1\r\n");
          const text = `$${`${i}`.length}\r\n${i}\r\n`;
          assert.equal(
            await listener.receive(),
            `*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n${text}`,
          );
        }
        await listener.close();
        await speaker.close();
      });
    });

    it("sends a client of RESP3 what it says to itself behind what it was replied before", async () => {
      await simulate({ seeds: 1 }, async (sim) => {
        const file = fileOf("itself");
        const address = await serve(sim.runtime("server"), "server:6379", file);
        const client = await connect(sim.runtime("client"), address);
        await ask(client, "HELLO 3");
        for (const line of ["SET a 1", "SUBSCRIBE c", "PUBLISH c m", "GET a"]) {
          void client.send(line.split(" "));
        }
        const got: string[] = [];
        for (let i = 0; i < 5; i++) got.push(await client.receive() ?? "");
        assert.deepEqual(got, [
          "+OK\r\n",
          ">3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n",
          ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n",
          ":1\r\n",
          "$1\r\n1\r\n",
        ]);
        await client.close();
      });
    });

    it("ends whom CLIENT KILL means, at once, and nobody else", async () => {
      await simulate({ seeds: 1 }, async (sim) => {
        const address = await serve(sim.runtime("server"), "server:6379");
        const [one, two, three] = await Promise.all(
          ["one", "two", "three"].map((name) =>
            connect(sim.runtime(name), address)
          ),
        );
        await ask(two, "SUBSCRIBE c");
        const id = (await ask(three, "CLIENT ID")).slice(1).trim();
        assert.equal(await ask(one, "CLIENT KILL TYPE pubsub"), ":1\r\n");
        assert.equal(await ask(one, "PUBLISH c x"), ":0\r\n");
        assert.equal(await two.receive(), undefined);
        assert.match(await ask(one, `CLIENT LIST ID ${id}`), /cmd=client/);
        assert.equal(await ask(one, `CLIENT KILL ID ${id}`), ":1\r\n");
        assert.equal(await ask(one, `CLIENT LIST ID ${id}`), "$0\r\n\r\n");
        assert.equal(await three.receive(), undefined);
        assert.equal(await ask(one, "CLIENT KILL SKIPME yes"), ":0\r\n");
        await ask(one, "HELLO 3");
        assert.match(
          await ask(one, "INFO server"),
          /^=\d+\r\ntxt:# Server\r\n/,
        );
        assert.equal(await ask(one, "CLIENT KILL SKIPME no"), ":1\r\n");
        assert.equal(await one.receive(), undefined);
      });
    });

    it("breaks a transaction by what it cannot carry out, subcommands included, and ends it by an EXEC that is wrong", async () => {
      await simulate({ seeds: 1 }, async (sim) => {
        const address = await serve(sim.runtime("server"), "server:6379");
        const client = await connect(sim.runtime("client"), address);
        const why = "wrong number of arguments for";
        for (
          const [line, reply] of [
            ["MULTI", "+OK"],
            [
              "CLIENT nosuch",
              "-ERR unknown subcommand 'nosuch'. Try CLIENT HELP.",
            ],
            ["PUBSUB NUMPAT x", `-ERR ${why} 'pubsub|numpat' command`],
            ["COMMAND COUNT x", `-ERR ${why} 'command|count' command`],
            [
              "EXEC",
              "-EXECABORT Transaction discarded because of previous errors.",
            ],
            ["MULTI", "+OK"],
            ["SET a 1", "+QUEUED"],
            [
              "EXEC now",
              `-EXECABORT Transaction discarded because of: ${why} 'exec' command`,
            ],
            ["EXEC", "-ERR EXEC without MULTI"],
            ["EXISTS a", ":0"],
            [
              "no\0such a\0b",
              "-ERR unknown command 'no', with args beginning with: 'a' ",
            ],
            ["SUBSCRIBE c", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1"],
            [
              "CLIENT ID",
              "-ERR Can't execute 'client|id': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
            ],
          ]
        ) assert.equal(await ask(client, line), `${reply}\r\n`);
        await client.close();
      });
    });

    it("takes cursors as Redis does", async () => {
      await simulate({ seeds: 1 }, async (sim) => {
        const address = await serve(sim.runtime("server"), "server:6379");
        const client = await connect(sim.runtime("client"), address);
        const end = 2n ** 64n;
        for (
          const good of [
            "",
            "0",
            "-1",
            "+5",
            "00",
            `${end - 1n}`,
            `-${end - 1n}`,
          ]
        ) {
          assert.match(await ask(client, `SCAN ${good}`), /^\*2/, good);
        }
        for (const bad of ["-", "x", "1 ", `${end}`, `-${end}`]) {
          void client.send(["SCAN", bad]);
          assert.equal(await client.receive(), "-ERR invalid cursor\r\n", bad);
        }
        await client.close();
      });
    });

    it("executes nothing that a browser sends for a page, and closes", async () => {
      await simulate({ seeds: 1 }, async (sim) => {
        const address = await serve(sim.runtime("server"), "server:6379");
        const client = await connect(sim.runtime("client"), address);
        for (
          const request of [
            ["POST", "/", "HTTP/1.1"],
            ["host:", "server"],
          ]
        ) {
          const page = await connect(sim.runtime("browser"), address);
          void page.send(["SET", "a", "1"]);
          void page.send(request);
          void page.send(["SET", "a", "2"]);
          assert.equal(await page.receive(), "+OK\r\n");
          assert.equal(await page.receive(), undefined);
          assert.equal(await ask(client, "GET a"), "$1\r\n1\r\n");
        }
        await client.close();
      });
    });

    it("tells by INFO what redis-cli --stat shows", async () => {
      await simulate({ seeds: 1 }, async (sim) => {
        const address = await serve(sim.runtime("server"), "server:6379");
        const client = await connect(sim.runtime("client"), address);
        const info = await ask(client, "INFO");
        for (
          const field of [
            ...[
              "connected_clients:1",
              "blocked_clients:0",
              "used_memory:[1-9]",
            ],
            ...["total_commands_processed:1", "total_connections_received:1"],
          ]
        ) assert.match(info, new RegExp(`\r\n${field}`));
        await client.close();
      });
    });

    it("drops who listens and does not read", async () => {
      const runtime = new ReactRuntime();
      const address = await serve(runtime);
      const listener = await connect(runtime, address);
      await ask(listener, "SUBSCRIBE c");
      const speaker = await connect(runtime, address);
      const message = "x".repeat(8_000_000);
      let toldCount = 0;
      for (let i = 0; i < 10; i++) {
        if (await ask(speaker, `PUBLISH c ${message}`) === ":1\r\n") {
          toldCount++;
        }
      }
      // As many as may wait, and what the system takes.
      assert.ok(toldCount >= 4 && toldCount < 8, `${toldCount} messages`);
      await speaker.close();
      await runtime.stop();
    });

    it("reads no more from who does not read its replies", async () => {
      const [server, clients] = [new ReactRuntime(), new ReactRuntime()];
      const client = await connect(clients, await serve(server));
      await ask(client, `SET big ${"x".repeat(1_000_000)}`);
      for (let i = 0; i < 100; i++) void client.send(["GET", "big"]);
      await client.receive(); // the others have come in with it
      assert.ok(server.bufferedBytes < 8_000_000, `${server.bufferedBytes}`);
      client.abort();
      await Promise.all([server.stop(), clients.stop()]);
    });

    it("replies before it ends to all that has come in", async () => {
      const runtime = new ReactRuntime();
      const file = fileOf("ends");
      const address = await serve(runtime, "127.0.0.1:0", file);
      const client = await connect(runtime, address);
      for (let i = 1; i <= 100; i++) void client.send(["INCR", "n"]);
      void client.end();
      for (let i = 1; i <= 100; i++) {
        assert.equal(await client.receive(), `:${i}\r\n`);
      }
      assert.equal(await client.receive(), undefined);
      await runtime.stop();
    });
  });
}

describe("examples/redis_server", () => {
  it("says plainly that it cannot use a file", async () => {
    const file = path.join(folder, "damaged");
    fs.writeFileSync(file, "#1 00000000 00000000\r\nx");
    const server = new ExampleProcess(
      host,
      "redis_server/server",
      `--port=0 --appendonly=${file}`,
    );
    assert.equal(await server.ended, 1);
    assert.match(server.err, /^Cannot use \S+: it is damaged at byte 0\./);
  });
});
