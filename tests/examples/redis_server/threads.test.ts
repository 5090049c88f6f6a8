// Threads that have the connections of a server, and one that has its data.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, describe, it } from "node:test";
import reactors, { keepData } from "../../../examples/redis_server/reactors.ts";
import type { RemoteClients } from "../../../examples/redis_server/threads/remote_clients.ts";
import {
  Outbox,
  type Push,
} from "../../../examples/redis_server/threads/outbox.ts";
import {
  type AddressLike,
  connectMessages,
  type MessageConnection,
  type ReactorID,
  type ReactorThreads,
  ReactRuntime,
  simulate,
  ThreadedReactorMgr,
} from "../../../mod.ts";
import { eventually, quietly, sleep } from "../../conformance/support.ts";
import { ExampleProcess, host } from "../example_process.ts";
import { built } from "../../support/built.ts";
import type crashing from "./crashing_reactors.ts";
import { NearThread } from "./near_thread.ts";
import { replies } from "./replies_codec.ts";

type Client = MessageConnection<string, readonly string[]>;

/** Where Deno lets an example read and write. */
const folder = fs.mkdtempSync(".redis-threads-");
after(() => fs.rmSync(folder, { recursive: true }));

const MEMORY = { appendonly: "", appendfsync: "always" } as const;

async function ask(client: Client, line: string): Promise<string> {
  void client.send(line.split(" "));
  return await client.receive() ?? "(closed)";
}

/** Resolves when nobody else is connected. */
async function untilAlone(client: Client): Promise<void> {
  let list = "";
  while (list.match(/^id=/gm)?.length !== 1) {
    list = await ask(client, "CLIENT LIST");
  }
}

/** Two threads, which may crash, and who connects to them. */
interface Served {
  readonly threads: ThreadedReactorMgr<typeof crashing>;
  connect(): Promise<Client>;
  /** Clients of both threads, as many as it takes. */
  connectToBoth(): Promise<Client[]>;
}

async function withThreads(
  body: (served: Served) => Promise<void>,
): Promise<void> {
  const [data, clients] = [new ReactRuntime(), new ReactRuntime()];
  const { services, onStop } = keepData(MEMORY, data);
  const threads = await ThreadedReactorMgr.start<typeof crashing>({
    threads: 2,
    module: new URL(built("./crashing_reactors.ts"), import.meta.url),
    services,
    restart: true,
  });
  try {
    const listener = await threads.listenAll("127.0.0.1:0", "redis", MEMORY);
    const connect = () => connectMessages(clients, listener.address, replies);
    await body({
      threads,
      connect,
      async connectToBoth() {
        const all: Client[] = [];
        do {
          const client = await connect();
          await ask(client, "PING");
          all.push(client);
        } while (!listener.spread.every((count) => count > 0));
        return all;
      },
    });
  } finally {
    await clients.stop();
    await threads.stop({ graceMs: 0 });
    await onStop?.();
  }
}

describe("a Redis server with several threads", () => {
  it("has the same data and channels for the clients of all", () =>
    withThreads(async ({ connect, connectToBoth }) => {
      const clients = await connectToBoth();
      for (const [i, client] of clients.entries()) {
        assert.equal(await ask(client, "INCR n"), `:${i + 1}\r\n`);
      }
      const ids = await Promise.all(clients.map((it) => ask(it, "CLIENT ID")));
      assert.equal(new Set(ids).size, clients.length);
      const speaker = await connect();
      for (const client of clients) await ask(client, "SUBSCRIBE c");
      const long = "x".repeat(5000);
      for (const text of ["short", long]) {
        const heard = await ask(speaker, `PUBLISH c ${text}`);
        assert.equal(heard, `:${clients.length}\r\n`);
        for (const client of clients) {
          const message = await client.receive();
          assert.ok(message?.endsWith(`\r\n${text}\r\n`), message);
        }
      }
    }));

  it("forgets who is gone, and what it listened to", () =>
    withThreads(async ({ connect }) => {
      const [client, other] = [await connect(), await connect()];
      await ask(client, "SUBSCRIBE c");
      assert.equal(await ask(other, "PUBLISH c x"), ":1\r\n");
      client.abort();
      await untilAlone(other);
      assert.equal(await ask(other, "PUBLISH c x"), ":0\r\n");
    }));

  it("forgets what somebody watched, and was about to do, who is gone", () =>
    withThreads(async ({ connect }) => {
      const [gone, other] = [await connect(), await connect()];
      await ask(other, "SET k 0");
      await ask(gone, "WATCH k");
      await ask(gone, "MULTI");
      assert.equal(await ask(gone, "SET k gone"), "+QUEUED\r\n");
      gone.abort();
      await untilAlone(other);
      assert.equal(await ask(other, "GET k"), "$1\r\n0\r\n");
      await ask(other, "WATCH k");
      await ask(other, "MULTI");
      await ask(other, "SET k 1");
      assert.equal(await ask(other, "EXEC"), "*1\r\n+OK\r\n");
    }));

  it("brings all messages to those who stay while others leave", () =>
    withThreads(async ({ connect, connectToBoth }) => {
      const count = 500;
      const stay = await connectToBoth();
      const leave = await Promise.all(Array.from({ length: 8 }, connect));
      const speaker = await connect();
      for (const client of [...stay, ...leave]) {
        await ask(client, "SUBSCRIBE c");
      }
      for (let i = 0; i < count; i++) {
        void speaker.send(["PUBLISH", "c", `${i}`]);
      }
      for (let i = 0; i < count; i++) {
        assert.match(await speaker.receive() ?? "", /^:\d+\r\n$/);
        if (i % 50 === 0) leave.pop()?.abort();
        for (const client of stay) {
          const message = await client.receive();
          assert.ok(message?.endsWith(`\r\n${i}\r\n`), message);
        }
      }
      let reply = "";
      while (reply !== `:${stay.length}\r\n`) {
        reply = await ask(speaker, "PUBLISH c last");
      }
    }));

  it("drops a subscriber that reads nothing, and nobody waits for it", () =>
    quietly(() =>
      withThreads(async ({ connect }) => {
        const [slow, other, speaker] = [
          await connect(),
          await connect(),
          await connect(),
        ];
        await ask(slow, "SUBSCRIBE c");
        await ask(other, "SUBSCRIBE c");
        const text = "x".repeat(1_000_000);
        let heardCount = 2;
        for (let i = 0; heardCount > 1; i++) {
          assert.ok(i * text.length < 2 ** 27, "it is still there");
          heardCount = Number(
            (await ask(speaker, `PUBLISH c ${text}`)).slice(1),
          );
          assert.ok((await other.receive())?.endsWith(`${text}\r\n`));
        }
        await assert.rejects(async () => {
          while (await slow.receive() !== undefined);
        });
      })
    ));

  it("loses by the crash of a thread the clients of that alone", () =>
    quietly(() =>
      withThreads(async ({ threads, connect, connectToBoth }) => {
        const clients = await connectToBoth();
        for (const client of clients) await ask(client, "SUBSCRIBE c");
        let closedCount = 0;
        const heard = clients.map(async (client) => {
          const message = await client.receive().catch(() => undefined);
          if (message === undefined) closedCount++;
          return message;
        });
        await threads.ask(0, "crash");
        await eventually(() => closedCount > 0, "the thread crashes");
        const speaker = await connect();
        let count = NaN;
        while (count !== clients.length - closedCount) {
          count = Number((await ask(speaker, "PUBLISH c x")).slice(1));
        }
        assert.ok(count > 0);
        const messages = (await Promise.all(heard)).filter((it) => it);
        assert.equal(messages.length, count);
      })
    ));

  it("replies in order, however much that is", () =>
    withThreads(async ({ connect }) => {
      const client = await connect();
      await ask(client, `SET big ${"x".repeat(200_000)}`);
      for (let i = 1; i <= 20; i++) {
        void client.send(["GET", "big"]);
        void client.send(["INCR", "n"]);
      }
      for (let i = 1; i <= 20; i++) {
        assert.equal((await client.receive())?.length, 200_011);
        assert.equal(await client.receive(), `:${i}\r\n`);
      }
    }));

  it("brings every message to those who publish many to themselves", () =>
    withThreads(async ({ connect }) => {
      const count = 2000;
      const clients = await Promise.all(Array.from({ length: 16 }, connect));
      await Promise.all(clients.map(async (client, i) => {
        await ask(client, "HELLO 3");
        await ask(client, `SUBSCRIBE c${i}`);
      }));
      await Promise.all(clients.map(async (client, i) => {
        for (let n = 0; n < count; n++) {
          void client.send(["PUBLISH", `c${i}`, `${n}`]);
        }
        for (let n = 0; n < count; n++) {
          const message = await client.receive({ timeoutMs: 20_000 });
          assert.ok(message?.endsWith(`\r\n${n}\r\n`), message);
          assert.equal(await client.receive(), ":1\r\n");
        }
      }));
    }));
});

describe("examples/redis_server --threads 2", () => {
  it("replies to what it has read when it is told to end, and has it in the file", async () => {
    const file = path.join(folder, "kept");
    const flags = `--port=0 --threads=2 --appendonly=${file}`;
    const server = new ExampleProcess(host, "redis_server/server", flags);
    const [, port] = await server.printed(/listening on \S+:(\d+)/);
    const runtime = new ReactRuntime();
    const address: AddressLike = `127.0.0.1:${port}`;
    const clients = await Promise.all(Array.from(
      { length: 4 },
      () => connectMessages(runtime, address, replies),
    ));
    const counts = await Promise.all(clients.map(async (client, i) => {
      await ask(client, `SET ${i} 0`);
      if (i === 0) server.interrupt();
      let count = 0;
      for (let turn = 1;; turn++) {
        void client.send(["INCR", `${i}`]).catch(() => {});
        const reply = await client.receive().catch(() => undefined);
        if (reply === undefined) break;
        assert.equal(reply, `:${turn}\r\n`);
        count = turn;
      }
      client.abort();
      return count;
    }));
    assert.equal(await server.ended, 0, server.err);
    assert.match(server.out, /ended cleanly/);
    const kept = fs.readFileSync(file, "latin1");
    for (const [i, count] of counts.entries()) {
      const found = kept.match(new RegExp(`INCR\r\n\\$1\r\n${i}\r\n`, "g"));
      assert.equal(found?.length ?? 0, count);
    }
    await runtime.stop();
  });
});

describe("a client of a thread", () => {
  it("has one question under way, whatever it floods the thread with", async () => {
    await simulate({ seeds: 3, faults: "gentle" }, async (sim) => {
      const runtime = sim.runtime("server");
      const thread = new NearThread(
        runtime,
        keepData(MEMORY, runtime).services,
      );
      const handler = reactors.listeners.redis(MEMORY, thread.serving);
      const { address } = await runtime.listen("server:6379", handler);
      const client = await connectMessages(
        sim.runtime("client"),
        address,
        replies,
      );
      for (let i = 1; i <= 2000; i++) void client.send(["INCR", "n"]);
      for (let i = 1; i <= 2000; i++) {
        assert.equal(await client.receive(), `:${i}\r\n`);
      }
      assert.equal(thread.mostUnanswered, 2); // the other one is that it is there
      await client.close();
    });
  });
});

/** Two clients of threads. */
const [one, two] = [1, 2] as ReactorID[];

/** A thread that says it has got messages when it is told to. */
class SlowThread {
  readonly asked: (readonly Push[])[] = [];
  readonly replies: unknown[] = [];
  readonly #answers: (() => void)[] = [];

  /** What the main thread has of it, the only one. */
  readonly threads = {
    threadCount: 1,
    getCmdSender: () => ({
      runtimeId: 0,
      sendUserCmd: (...sent: unknown[]) => this.replies.push(...sent),
    }),
    ask: (_thread: number, _service: string, pushes: readonly Push[]) => {
      this.asked.push(pushes);
      return new Promise<void>((resolve) => this.#answers.push(resolve));
    },
  } as unknown as ReactorThreads;

  readonly outbox = new Outbox(this.threads, 0);

  answer(): void {
    for (const answer of this.#answers.splice(0)) answer();
  }
}

describe("a publisher of a thread", () => {
  it("is replied to when what it publishes is not too much for a slow one, also if that waits for the file", async () => {
    const data = new ReactRuntime();
    const { services, onStop } = keepData(
      { appendonly: path.join(folder, "published"), appendfsync: "no" },
      data,
    );
    const slow = new SlowThread();
    const clients = services.clients(slow.threads) as RemoteClients;
    const gone = new AbortController();
    const from = { thread: 0, signal: gone.signal };
    const execute = (id: ReactorID, ...list: string[][]) =>
      clients.execute({ id, list, failure: undefined }, from);
    for (const id of [one, two]) void clients.join({ id, peer: "" }, from);
    await execute(one, ["SUBSCRIBE", "c"]);
    const published = Promise.resolve(
      execute(two, ["SET", "a", "b"], ["PUBLISH", "c", "x".repeat(2 ** 20)]),
    );
    let reply: unknown = undefined;
    void published.then((it) => reply = it);
    await eventually(() => slow.asked.length > 1, "the message is sent");
    await sleep(20);
    assert.equal(reply, undefined);
    slow.answer();
    assert.equal(await published, "+OK\r\n:1\r\n");
    gone.abort();
    await onStop?.();
  });
});

describe("the way to a thread", () => {
  it("takes what is for many once, and before what is replied behind it", () => {
    const thread = new SlowThread();
    thread.outbox.push(one, "a");
    thread.outbox.push(two, "a");
    thread.outbox.push(one, "b");
    assert.deepEqual(thread.asked, []);
    void thread.outbox.reply(one, "reply");
    assert.deepEqual(thread.asked, []);
    const long = new Uint8Array(2 ** 20);
    void thread.outbox.reply(two, long);
    assert.deepEqual(thread.asked, [
      [[[one, two], "a"], [[one], "b"], [[one], "reply"]],
    ]);
    assert.deepEqual(thread.replies.slice(0, 2), [two, long]);
  });

  it("counts who gets a message, too", () => {
    const { outbox } = new SlowThread();
    for (let i = 0; i < 2 ** 16; i++) outbox.push(i as ReactorID, "a");
    assert.notEqual(outbox.whenKeepingUp(), undefined);
  });

  it("lets no more be executed while a megabyte of messages is under way", async () => {
    const thread = new SlowThread();
    const { outbox } = thread;
    const chunk = new Uint8Array(300_000);
    for (let i = 0; i < 3; i++) outbox.push(one, chunk.slice());
    await null;
    assert.equal(outbox.whenKeepingUp(), undefined);
    outbox.push(one, chunk);
    const lag = outbox.whenKeepingUp();
    assert.ok(lag !== undefined);
    let isOver = false;
    void lag.then(() => isOver = true);
    for (let i = 0; i < 10; i++) await null;
    assert.equal(isOver, false);
    thread.answer();
    await lag;
    assert.equal(outbox.whenKeepingUp(), undefined);
  });
});
