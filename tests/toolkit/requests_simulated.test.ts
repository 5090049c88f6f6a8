import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type BinaryReader,
  byProperty,
  type ByteWriter,
  type Codec,
  InvalidOptionError,
  lengthPrefixed,
  messageCodec,
  ReactioError,
  RequestClient,
  type RequestClientOptions,
  RequestLostError,
  RequestTimeoutError,
  serve,
  simulate,
  type Simulation,
} from "../../mod.ts";

interface Order {
  readonly id: number;
  readonly number: number;
}

const orders: Codec<Order> = messageCodec<Order>(lengthPrefixed({ bytes: 1 }), {
  decode: (reader) => ({
    id: reader.readUint8(),
    number: reader.readUint16(),
  }),
  encode({ id, number }, writer) {
    writer.writeUint8(id);
    writer.writeUint16(number);
  },
});

const CLIENTS = 3;
const REQUESTS = 40;
const WINDOW = 4;
const MAX_NUMBER = 2 ** 15;

/**
 * Clients ask a server for more than its handlers do at once, over connections
 * that are lost now and then. Each request has one outcome, which is its own
 * answer or an error that says why; what may not be carried out twice is not.
 */
async function trade(
  sim: Simulation,
  options: RequestClientOptions<Order, Order>,
  outcomes: Set<string>,
): Promise<void> {
  const runtime = sim.runtime("server");
  const timesDone = new Map<number, number>();
  const server = serve(orders, async (order, _peer, { signal }) => {
    const { number } = order;
    timesDone.set(number, (timesDone.get(number) ?? 0) + 1);
    await sim.sleep(sim.random.integer(0, 30));
    return signal.aborted
      ? undefined
      : { ...order, number: number + MAX_NUMBER };
  }, {
    order: options.correlate === undefined ? "request" : "any",
    concurrency: 3,
  });
  await runtime.listen("server:80", server);

  const clients = Array.from(
    { length: CLIENTS },
    (_, i) => sim.spawn(() => client(sim, i, options, timesDone, outcomes)),
  );
  await Promise.all(clients);
}

async function client(
  sim: Simulation,
  index: number,
  options: RequestClientOptions<Order, Order>,
  timesDone: ReadonlyMap<number, number>,
  outcomes: Set<string>,
): Promise<void> {
  const runtime = sim.runtime(`client${index}`);
  const client = new RequestClient(runtime, orders, {
    window: WINDOW,
    timeoutMs: 400,
    ...options,
  });
  let isDone = false;
  sim.invariant(
    `the window of client ${index}`,
    () => client.inFlightCount + client.overdueCount <= WINDOW,
  );
  void sim.spawn(async () => {
    while (!isDone) {
      try {
        const connection = await runtime.connect(
          "server:80",
          client.reactor(),
          { connectTimeoutMs: 200 },
        );
        await connection.whenClosed;
      } catch (error) {
        assert.ok(error instanceof ReactioError, `${error}`);
      }
      await sim.sleep(5);
    }
  });

  const asked = Array.from({ length: REQUESTS }, async (_, i) => {
    const number = index * REQUESTS + i;
    const idempotent = sim.random.chance(0.3);
    const controller = new AbortController();
    await sim.sleep(sim.random.integer(0, 300));
    if (sim.random.chance(0.1)) {
      void sim.sleep(sim.random.integer(0, 50)).then(() => controller.abort());
    }
    try {
      const answer = await client.request({ id: 77, number }, {
        idempotent,
        signal: controller.signal,
      });
      assert.equal(answer.number, number + MAX_NUMBER, "it got its own answer");
      assert.ok((timesDone.get(number) ?? 0) > 0);
      outcomes.add("answered");
    } catch (error) {
      assert.ok(error instanceof ReactioError, `${error}`);
      outcomes.add(error.name);
      if (error instanceof RequestLostError) assert.equal(idempotent, false);
    }
    if (!idempotent) assert.ok((timesDone.get(number) ?? 0) <= 1);
  });
  await Promise.all(asked);
  isDone = true;
  await client.close();
  assert.equal(client.queuedCount, 0);
  assert.equal(client.inFlightCount, 0);
}

const CASES: readonly [string, RequestClientOptions<Order, Order>, string[]][] =
  [
    ["in order", {}, ["4e5c74430273ed91", "5133fef6d14e95db"]],
    [
      "by eight ids",
      { correlate: byProperty("id", { maxId: 7 }) },
      ["e7feb1c8eabc6b98", "a8910422f1a2284b"],
    ],
  ];

for (const [how, options, [first, last]] of CASES) {
  test(`${how}, over connections that fail, each request gets its own answer or an error, and every runtime plays the same`, async () => {
    const hashes: string[] = [];
    const outcomes = new Set<string>();
    await simulate({ seeds: 20, faults: "random" }, async (sim) => {
      await trade(sim, options, outcomes);
      hashes.push(sim.network.traceHash);
    });
    assert.equal(new Set(hashes).size, 20);
    assert.deepEqual(
      [...outcomes].sort(),
      [
        "RequestCancelledError",
        "RequestLostError",
        "RequestTimeoutError",
        "answered",
      ],
    );
    assert.deepEqual([hashes[0], hashes[19]], [first, last]);
  });
}

test("a connection whose peer has vanished is given up after as many time-outs as the window has places", async () => {
  await simulate({ seeds: 1 }, async (sim) => {
    await sim.runtime("server").listen(
      "server:80",
      serve(orders, (one) => one),
    );
    const client = RequestClient.connect(
      sim.runtime("client"),
      "server:80",
      orders,
      {
        correlate: byProperty("id", { maxId: 255 }),
        window: WINDOW,
        timeoutMs: 100,
        onState() {},
      },
    );
    await client.request({ id: 0, number: 0 });
    sim.network.partition("client", "server");
    for (let i = 1; i <= WINDOW; i++) {
      assert.equal(client.isConnected, true);
      await assert.rejects(
        client.request({ id: 0, number: i }),
        RequestTimeoutError,
      );
    }
    await sim.until(() => !client.isConnected, {
      what: "it is given up",
      timeoutMs: 1,
    });
    sim.network.heal("client", "server");
    const answer = await client.request({ id: 0, number: 9 }, {
      timeoutMs: 5000,
    });
    assert.equal(answer.number, 9);
    await client.close();
  });
});

/** What a server sends: answers, which have an id, and news, which have none. */
type Sent =
  | { readonly kind: "answer"; readonly id: number; readonly number: number }
  | { readonly kind: "news"; readonly text: string };

/** The codecs of a server and of its clients. */
const [serverEnd, clientEnd] = (() => {
  const frames = lengthPrefixed({ bytes: 1 });
  const readOrder = (reader: BinaryReader): Order => ({
    id: reader.readUint8(),
    number: reader.readUint16(),
  });
  const writeOrder = ({ id, number }: Order, writer: ByteWriter) => {
    writer.writeUint8(id);
    writer.writeUint16(number);
  };
  const server = messageCodec<Order, Sent>(frames, {
    decode: readOrder,
    encode(message, writer) {
      writer.writeUint8(message.kind === "answer" ? 0 : 1);
      if (message.kind === "news") writer.writeText(message.text);
      else writeOrder(message, writer);
    },
  });
  const client = messageCodec<Sent, Order>(frames, {
    decode: (reader) =>
      reader.readUint8() === 0
        ? { kind: "answer", ...readOrder(reader) }
        : { kind: "news", text: reader.readText() },
    encode: writeOrder,
  });
  return [server, client];
})();

test("byProperty takes a message without the property for one that answers nothing", async () => {
  await simulate({ seeds: 3 }, async (sim) => {
    const server = serve(serverEnd, (order, peer): Sent => {
      peer.send({ kind: "news", text: `got ${order.number}` });
      return { kind: "answer", ...order };
    }, { order: "any" });
    await sim.runtime("server").listen("server:80", server);
    const news: Sent[] = [];
    const client = RequestClient.connect(
      sim.runtime("client"),
      "server:80",
      clientEnd,
      {
        correlate: byProperty("id", { maxId: 3 }),
        onUnsolicited: (message) => void news.push(message),
        onState() {},
      },
    );
    const answers = await Promise.all(
      [1, 2].map((number) => client.request({ id: 200, number })),
    );
    assert.deepEqual(
      answers,
      [1, 2].map((number) => ({ kind: "answer", id: 200, number })),
    );
    assert.deepEqual(
      news,
      [1, 2].map((number) => ({ kind: "news", text: `got ${number}` })),
    );
    await client.close();
  });
});

test("byProperty compiles only for a property that is a number, of messages that are objects", () => {
  const correlate = byProperty("id", { maxId: 3 });
  const name: { readonly id: string } = { id: "a" };
  // @ts-expect-error: an id is a number
  assert.equal(correlate.idOf(name), "a");
  // @ts-expect-error: a text has no properties of ours
  assert.equal(correlate.idOf("id"), undefined);
  // @ts-expect-error: a request must have the property
  assert.throws(() => correlate.withId({ number: 1 }, 2), InvalidOptionError);
});

/** Requests have an id, notifications have none. */
type Spoken =
  | { readonly kind: "request"; readonly id: number }
  | { readonly kind: "notification"; readonly text: string };

const spoken = messageCodec<Spoken>(lengthPrefixed({ bytes: 1 }), {
  decode: (reader): Spoken =>
    reader.readUint8() === 1
      ? { kind: "request", id: reader.readUint8() }
      : { kind: "notification", text: reader.readText() },
  encode(message, writer) {
    writer.writeUint8(message.kind === "request" ? 1 : 2);
    if (message.kind === "request") writer.writeUint8(message.id);
    else writer.writeText(message.text);
  },
});

test("byProperty numbers the requests of a client that also sends messages without ids", async () => {
  await simulate({ seeds: 3 }, async (sim) => {
    const heard: string[] = [];
    const server = serve(spoken, (message): Spoken | undefined => {
      if (message.kind === "request") return message;
      heard.push(message.text);
      return undefined;
    });
    await sim.runtime("server").listen("server:80", server);
    const client = RequestClient.connect(
      sim.runtime("client"),
      "server:80",
      spoken,
      { correlate: byProperty("id", { maxId: 3 }), onState() {} },
    );
    const asked = await client.request({ kind: "request", id: 200 });
    assert.deepEqual(asked, { kind: "request", id: 200 });
    client.send({ kind: "notification", text: "news" });
    await sim.until(() => heard.length === 1);
    await assert.rejects(
      client.request({ kind: "notification", text: "news?" }),
      {
        name: "InvalidOptionError",
        message: "Cannot send a request without id: it has no such property, " +
          "by which byProperty finds its answer. What expects no answer is for send",
      },
    );
    assert.equal(client.inFlightCount, 0);
    await client.close();
  });
});
