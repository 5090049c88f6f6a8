import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Channel, shareHub } from "../../examples/hub.ts";
import { Broker } from "../../examples/mqtt_broker/broker.ts";
import { BrokerHub } from "../../examples/mqtt_broker/broker_hub.ts";
import { LocalClients } from "../../examples/mqtt_broker/local_clients.ts";
import type { BrokerCommand } from "../../examples/mqtt_broker/messages.ts";
import { mqtt } from "../../examples/mqtt_broker/codec.ts";
import type { Limits } from "../../examples/mqtt_broker/limits.ts";
import { type Packet, TYPES } from "../../examples/mqtt_broker/packets.ts";
import {
  brokerHandler,
  localHandler,
} from "../../examples/mqtt_broker/reactors.ts";
import {
  isFilter,
  isTopic,
  matches,
  SubscriptionTree,
} from "../../examples/mqtt_broker/topics.ts";
import {
  type Asker,
  connectMessages,
  lines,
  type ReactRuntime,
  type SimRandom,
  simulate,
  type Simulation,
  testCodec,
} from "../../mod.ts";
import {
  connectPacket,
  type ConnectWith,
  MqttClient,
  publish,
} from "./mqtt_client.ts";

const MAX_PACKET = 1000;
const ADDRESS = "broker0:1883";

describe("MQTT packets", () => {
  it("are what the codec makes of any stream", async () => {
    const will = {
      topic: "gone",
      payload: Uint8Array.of(1, 2),
      qos: 2,
      retain: true,
    } as const;
    await testCodec(mqtt(MAX_PACKET), {
      values: [
        connectPacket({ clientId: "é", clean: false, keepAlive: 65535, will }),
        connectPacket({ username: "u", password: Uint8Array.of(0, 255) }),
        { type: "unsupported connect", level: 5 },
        { type: "connack", sessionPresent: true, code: 0 },
        publish("a/b", "x".repeat(200), { qos: 1, id: 65535, dup: true }),
        publish("a", "", { retain: true }),
        { type: "suback", id: 1, granted: [0, 1, 2, 128] },
        { type: "disconnect" },
      ],
      arbitrary: arbitraryPacket,
      refused: [publish("a", "x".repeat(MAX_PACKET))],
      invalid: [
        Uint8Array.of(0x00, 0), // no type
        Uint8Array.of(0xf0, 0),
        Uint8Array.of(0x80, 2, 0, 1), // flags of a subscribe
        Uint8Array.of(0x36, 5, 0, 1, 97, 0, 1), // QoS 3
        Uint8Array.of(0x38, 3, 0, 1, 97), // DUP of QoS 0
        Uint8Array.of(0x40, 2, 0, 0), // the id 0
        Uint8Array.of(0x40, 3, 0, 1, 0), // more than it has
        Uint8Array.of(0x82, 2, 0, 1), // no filter
        Uint8Array.of(0x30, 0x80, 0x80, 0x80, 0x80, 1),
        Uint8Array.of(0x30, 4, 0, 2, 97, 0), // U+0000
        Uint8Array.of(0x30, 3, 0, 1, 0xff), // no UTF-8
      ],
    });
  });
});

function arbitraryPacket(random: SimRandom): Packet {
  const id = random.integer(1, 65535);
  const text = () => "äb/".repeat(random.integer(0, 20));
  const qos = random.pick([0, 1, 2] as const);
  const type = random.pick(TYPES.filter((it) => it !== undefined));
  switch (type) {
    case "connect":
      return connectPacket({ clientId: text(), clean: random.chance(0.5) });
    case "connack":
      return { type, sessionPresent: random.chance(0.5), code: qos };
    case "publish": {
      const payload = random.bytes(random.integer(0, 300));
      const retain = random.chance(0.5);
      const isFirst = qos === 0;
      const more = {
        payload,
        qos,
        retain,
        dup: !isFirst,
        id: isFirst ? 0 : id,
      };
      return publish(text(), "", more);
    }
    case "subscribe":
      return { type, id, subscriptions: [{ filter: text(), qos }] };
    case "suback":
      return { type, id, granted: [qos] };
    case "unsubscribe":
      return { type, id, filters: [text(), text()] };
    case "pingreq":
    case "pingresp":
    case "disconnect":
      return { type };
    default:
      return { type, id };
  }
}

describe("topics", () => {
  const CASES: readonly [filter: string, yes: string[], no: string[]][] = [
    ["a/b", ["a/b"], ["a", "a/b/c", "A/b", "/a/b"]],
    ["#", ["a", "a/b/c", "/"], ["$SYS", "$SYS/a"]],
    ["+", ["a", ""], ["a/b", "/a", "$SYS"]],
    ["a/#", ["a", "a/b", "a/b/c", "a/"], ["ab", "b/a"]],
    ["+/+", ["a/b", "/b", "/"], ["a", "a/b/c", "$SYS/a"]],
    ["a/+/c", ["a/b/c", "a//c"], ["a/c", "a/b/c/d"]],
    ["+/b/#", ["a/b", "a/b/c"], ["a/c", "$SYS/b"]],
    ["$SYS/#", ["$SYS", "$SYS/a"], ["a"]],
    ["$SYS/+", ["$SYS/a"], ["$SYS", "$SYS/a/b"]],
  ];

  it("are found by the filters that stand for them, one by one and in a tree", () => {
    const tree = new SubscriptionTree<string, number>();
    for (const [filter] of CASES) tree.set(filter, filter, 0);
    for (const [filter, yes, no] of CASES) {
      for (
        const [topic, isOne] of [
          ...yes.map((topic) => [topic, true] as const),
          ...no.map((topic) => [topic, false] as const),
        ]
      ) {
        assert.equal(matches(filter, topic), isOne, `${filter} ${topic}`);
        const found: string[] = [];
        tree.match(topic, (subscriber) => found.push(subscriber));
        assert.equal(found.includes(filter), isOne, `${filter} ${topic}`);
        assert.equal(new Set(found).size, found.length);
      }
    }
    for (const [filter] of CASES) tree.delete(filter, filter);
    tree.match("a/b", () => assert.fail("it is empty"));
  });

  it("have no wildcards, and filters have them where they may", () => {
    const deep = "a/".repeat(300);
    for (const bad of ["", "a+", "#", "a/+", deep]) assert.ok(!isTopic(bad));
    for (const good of ["a", "/", "a//b", " "]) assert.ok(isTopic(good));
    for (const bad of ["", "a#", "#/a", "a+/b", "a/#/b", deep]) {
      assert.ok(!isFilter(bad), bad);
    }
    for (const good of ["#", "+", "a/+/b/#", "/+"]) assert.ok(isFilter(good));
  });
});

/** Connects a client of its own host. */
type Connect = (
  connect?: ConnectWith,
) => Promise<{ client: MqttClient; sessionPresent: boolean }>;

/** Has clients of `broker` be served; returns where. */
type Serve = (
  sim: Simulation,
  broker: Broker,
  maxPacket: number,
) => Promise<string[]>;

/** The broker is in the thread that serves. */
const serveInOneThread: Serve = async (sim, broker, maxPacket) => {
  const runtime = sim.runtime<never>("broker0");
  const { clock } = runtime.adapter;
  await runtime.listen(ADDRESS, brokerHandler(broker, clock, maxPacket));
  return [ADDRESS];
};

/** Two threads that serve, at `broker0:1883` and `broker1:1883`, with the broker in another one: what they say to each other takes its time, and is copied. */
class TwoThreads {
  readonly #sim: Simulation;
  readonly #clients: LocalClients[] = [];
  readonly #lives = [new AbortController(), new AbortController()];
  /** A thread is busy until this resolves. */
  readonly #untilFree = [Promise.resolve(), Promise.resolve()];

  private constructor(sim: Simulation) {
    this.#sim = sim;
  }

  static async serve(
    sim: Simulation,
    broker: Broker,
    maxPacket: number,
  ): Promise<TwoThreads> {
    const threads = new TwoThreads(sim);
    const hub = shareHub(new BrokerHub(broker)).services.hub({
      ask: async (thread: number, _: "execute", commands: BrokerCommand[]) => {
        const copy = await threads.#copied(commands);
        await threads.#untilFree[thread];
        for (const command of copy) threads.#clients[thread].execute(command);
      },
    } as never) as HubService;
    for (const [thread, { signal }] of threads.#lives.entries()) {
      const ask = async (_: "main", service: string, param: never) => {
        const from = { thread, signal };
        if (service === "hub.join") await hub.join(param, from);
        else await hub.take(await threads.#copied(param), from);
      };
      const clients = new LocalClients({ ask: ask as never });
      threads.#clients.push(clients);
      const runtime = sim.runtime<never>(`broker${thread}`);
      const { clock } = runtime.adapter;
      const { queuedBytes } = broker.limits;
      const handler = localHandler(clients, clock, queuedBytes, maxPacket);
      await runtime.listen(`broker${thread}:1883`, handler);
    }
    return threads;
  }

  /** The main thread hears that `thread` is gone. */
  lose(thread: number): void {
    this.#lives[thread].abort();
  }

  /** Returns what ends it. */
  keepBusy(thread: number): () => void {
    let end = () => {};
    this.#untilFree[thread] = new Promise((resolve) => end = resolve);
    return () => end();
  }

  async #copied<Item>(item: Item): Promise<Item> {
    const copy = structuredClone(item);
    await this.#sim.sleep(this.#sim.random.integer(0, 2));
    return copy;
  }
}

interface HubService {
  join(param: undefined, from: Asker): Promise<void>;
  take(param: unknown, from: Asker): Promise<void>;
}

const serveInTwoThreads: Serve = async (sim, broker, maxPacket) => {
  await TwoThreads.serve(sim, broker, maxPacket);
  return ["broker0:1883", "broker1:1883"];
};

for (
  const [where, serve] of Object.entries({
    "in one thread": serveInOneThread,
    "that two threads share": serveInTwoThreads,
  })
) {
  /** Plays `scenario` with a broker on a network without faults. */
  const withBroker = async (
    scenario: (
      connect: Connect,
      sim: Simulation,
      broker: Broker,
    ) => Promise<void>,
    limits: Partial<Limits> = {},
    maxPacket: number = MAX_PACKET,
  ): Promise<void> => {
    await simulate({ seeds: 1 }, async (sim) => {
      const broker = new Broker(limits);
      const addresses = await serve(sim, broker, maxPacket);
      let count = 0;
      const connect: Connect = (packet) => {
        const address = addresses[++count % addresses.length];
        return MqttClient.connect(
          sim.runtime(`client${count}`),
          address,
          packet,
        );
      };
      await scenario(connect, sim, broker);
    });
  };

  describe(`a broker of MQTT ${where}`, () => {
    it("hands on what is published to all who have subscribed, each once, by the lower QoS", () =>
      withBroker(async (connect) => {
        const [{ client: one }, { client: two }, { client: three }] =
          await Promise.all([connect(), connect(), connect()]);
        assert.equal(await one.subscribe("a/+", 0), 0);
        assert.equal(await two.subscribe("a/#", 1), 1);
        assert.equal(await two.subscribe("a/b", 2), 1);
        assert.equal(await three.subscribe("b/#/c", 1), 0x80);
        await three.publish("a/b", "0");
        await three.publish("a/b", "1", { qos: 1 });
        await three.publish("a/b/c", "2", { qos: 1 });
        assert.equal(await one.heard(), "a/b 0");
        assert.equal(await one.heard(), "a/b 1");
        assert.equal(await two.heard(), "a/b 0");
        assert.equal(await two.heard(), "a/b 1 q1");
        assert.equal(await two.heard(), "a/b/c 2 q1");
        for (const client of [one, two, three]) await client.isQuiet();
        const unsubscribe = {
          type: "unsubscribe",
          id: 9,
          filters: ["a/+"],
        } as const;
        assert.deepEqual(await one.ask(unsubscribe), {
          type: "unsuback",
          id: 9,
        });
        await three.publish("a/b", "3", { qos: 1 });
        await one.isQuiet();
        for (const client of [one, two, three]) await client.end();
      }));

    it("takes a message of QoS 2 once, however often it comes, until its id is free again", () =>
      withBroker(async (connect) => {
        const [{ client: one }, { client: two }] = [
          await connect(),
          await connect(),
        ];
        await one.subscribe("a", 2);
        await two.publish("a", "x", { qos: 2, id: 5 });
        await two.publish("a", "x", { qos: 2, id: 5, dup: true });
        assert.equal(await one.heard(), "a x q1");
        await one.isQuiet();
        assert.deepEqual(await two.ask({ type: "pubrel", id: 5 }), {
          type: "pubcomp",
          id: 5,
        });
        await two.publish("a", "y", { qos: 2, id: 5 });
        assert.equal(await one.heard(), "a y q1");
        await Promise.all([one.end(), two.end()]);
      }));

    it("retains the last message of a topic for who comes later, until an empty one", () =>
      withBroker(async (connect) => {
        const { client: one } = await connect();
        await one.publish("a/b", "old", { retain: true });
        await one.publish("a/b", "new", { retain: true, qos: 1 });
        await one.publish("a/c", "c", { retain: true, qos: 1 });
        const { client: two } = await connect();
        await two.subscribe("a/b", 1);
        assert.equal(await two.heard(), "a/b new q1 retained");
        await two.subscribe("+/c");
        assert.equal(await two.heard(), "a/c c retained");
        await one.publish("a/b", "now", { retain: true });
        assert.equal(await two.heard(), "a/b now");
        await one.publish("a/b", "", { retain: true, qos: 1 });
        assert.equal(await two.heard(), "a/b  q1");
        const { client: three } = await connect();
        await three.subscribe("#");
        assert.equal(await three.heard(), "a/c c retained");
        await three.isQuiet();
        for (const client of [one, two, three]) await client.end();
      }));

    it("keeps the session of who wants that: what came meanwhile, and what was not acknowledged, again", () =>
      withBroker(async (connect, sim) => {
        const mine = { clientId: "me", clean: false };
        const first = await connect(mine);
        assert.equal(first.sessionPresent, false);
        await first.client.subscribe("a", 1);
        const { client: other } = await connect();
        await other.publish("a", "1", { qos: 1 });
        const unheard = await first.client.receive(); // and not acknowledged
        assert.ok(unheard?.type === "publish");
        await first.client.abort();
        await sim.sleep(100);
        await other.publish("a", "2", { qos: 1 });
        await other.publish("a", "nobody is there"); // QoS 0 waits for nobody
        const second = await connect(mine);
        assert.equal(second.sessionPresent, true);
        assert.equal(await second.client.heard(), "a 1 q1 again");
        assert.equal(await second.client.heard(), "a 2 q1");
        await second.client.isQuiet();
        await second.client.end();
        const clean = await connect({ ...mine, clean: true });
        assert.equal(clean.sessionPresent, false);
        await other.publish("a", "3", { qos: 1 });
        await clean.client.isQuiet();
        await clean.client.end();
        const third = await connect(mine);
        assert.equal(third.sessionPresent, false);
        await Promise.all([third.client.end(), other.end()]);
      }));

    it("sends at once what need not wait, though it could not", () =>
      withBroker(
        async (connect) => {
          const { client: one } = await connect();
          const { client: two } = await connect();
          await one.subscribe("a", 1);
          for (const text of ["1", "x".repeat(200), "3"]) {
            await two.publish("a", text, { qos: 1 });
            assert.equal(await one.heard(), `a ${text} q1`);
          }
          await Promise.all([one.end(), two.end()]);
        },
        { queuedMessages: 0, queuedBytes: 0 },
      ));

    it("hands on a packet that is as large as one may be", () =>
      withBroker(
        async (connect) => {
          const { client: one } = await connect();
          const { client: two } = await connect();
          await one.subscribe("a", 1);
          const text = "x".repeat(64 - 7); // what is around it in a packet
          await two.publish("a", text, { qos: 1 });
          assert.equal(await one.heard(), `a ${text} q1`);
          await Promise.all([one.end(), two.end()]);
        },
        {},
        64,
      ));

    it("publishes the will of who is gone without a word, and of nobody else", () =>
      withBroker(async (connect, sim) => {
        const { client: watcher } = await connect();
        await watcher.subscribe("gone/#", 1);
        const will = (topic: string) => ({
          will: {
            topic,
            payload: new TextEncoder().encode("x"),
            qos: 1,
            retain: false,
          } as const,
        });
        const polite = await connect(will("gone/polite"));
        await polite.client.end();
        const rude = await connect(will("gone/rude"));
        await rude.client.abort();
        assert.equal(await watcher.heard(), "gone/rude x q1");
        await watcher.subscribe("$SYS/#");
        const posing = await connect(will("$SYS/broker/clients/connected"));
        await posing.client.abort();
        await sim.sleep(100);
        await watcher.isQuiet();
        await watcher.end();
      }));

    it("gives a session to who comes last with its client id, and ends the other connection", () =>
      withBroker(async (connect) => {
        const mine = { clientId: "me", clean: false };
        const { client: old } = await connect(mine);
        await old.subscribe("a", 1);
        const { client: young, sessionPresent } = await connect(mine);
        assert.equal(sessionPresent, true);
        assert.equal(await old.receive(), undefined);
        await young.publish("a", "x", { qos: 1, id: 7 });
        assert.equal(await young.heard(), "a x q1");
        await young.end();
      }));

    it("gives a client without an id one that nobody has", () =>
      withBroker(async (connect) => {
        const { client: named } = await connect({ clientId: "unnamed-1" });
        const { client: unnamed } = await connect();
        await Promise.all([named.isQuiet(), unnamed.isQuiet()]);
        await Promise.all([named.end(), unnamed.end()]);
      }));

    it("counts topics as well as payloads of what waits and is retained", () =>
      withBroker(
        async (connect, sim, broker) => {
          const mine = { clientId: "me", clean: false };
          const { client: absent } = await connect(mine);
          await absent.subscribe("#", 1);
          await absent.end();
          await sim.sleep(10);
          const { client } = await connect();
          for (let i = 0; i < 10; i++) {
            const topic = `${i}`.padEnd(500, "x");
            await client.publish(topic, "y", { qos: 1, retain: true });
          }
          broker.report();
          for (
            const name of ["messages/dropped", "retained messages/refused"]
          ) {
            await client.subscribe(`$SYS/broker/${name}`);
            assert.equal(
              await client.heard(),
              `$SYS/broker/${name} 6 retained`,
            );
          }
          await client.end();
        },
        { queuedBytes: 2400, retainedBytes: 2400 },
      ));

    it("ends a connection that was silent for 1.5 times its keep-alive, and no earlier", () =>
      withBroker(async (connect, sim) => {
        const { client } = await connect({ keepAlive: 10 });
        await sim.sleep(14_000);
        const start = sim.now();
        await client.isQuiet();
        await assert.rejects(client.receive());
        const silent = sim.now() - start;
        assert.ok(silent >= 15_000 && silent < 15_100, `${silent} ms`);
        const { client: patient } = await connect();
        await sim.sleep(1_800_000);
        await patient.isQuiet();
        await patient.end();
      }));

    it("says what it is about by $SYS, which no wildcard finds and nobody else publishes to", () =>
      withBroker(async (connect, _sim, broker) => {
        const { client } = await connect();
        await client.subscribe("#");
        await client.subscribe("$SYS/broker/clients/+");
        broker.report();
        const heard = [await client.heard(), await client.heard()];
        assert.equal(heard[0], "$SYS/broker/clients/connected 1");
        assert.equal(await client.heard(), "$SYS/broker/clients/expired 0");
        await client.publish("$SYS/broker/clients/connected", "7", { qos: 1 });
        await client.isQuiet();
        await client.end();
      }));

    it("drops and counts what finds no room, and goes on with the rest", () =>
      withBroker(
        async (connect, sim, broker) => {
          const mine = { clientId: "me", clean: false };
          const { client: absent } = await connect(mine);
          await absent.subscribe("a", 1);
          await absent.end();
          const { client } = await connect();
          for (let i = 0; i < 8; i++) {
            await client.publish("a", `${i}`, { qos: 1 });
          }
          await client.publish("r/1", "x", { qos: 1, retain: true });
          await client.publish("r/2", "x", { qos: 1, retain: true });
          for (let i = 0; i < 3; i++) {
            const { client: gone } = await connect({
              clientId: `${i}`,
              clean: false,
            });
            await gone.end();
          }
          await sim.sleep(100);
          broker.report();
          await client.subscribe("$SYS/#");
          const counts = new Map<string, string>();
          while (counts.size < 7) {
            const [topic, count] = (await client.heard()).split(/ (?=\d)/);
            counts.set(topic.replace("$SYS/broker/", ""), count.split(" ")[0]);
          }
          assert.equal(counts.get("messages/dropped"), "5");
          assert.equal(counts.get("retained messages/refused"), "1");
          assert.equal(counts.get("clients/disconnected"), "2");
          assert.equal(counts.get("clients/expired"), "2");
          await client.end();
        },
        { queuedMessages: 3, absentSessions: 2, retainedMessages: 1 },
      ));

    it("holds as much as may be for all who are gone, and forgets first who was gone first", () =>
      withBroker(
        async (connect, sim, broker) => {
          const sessionOf = (clientId: string) => ({ clientId, clean: false });
          const { client } = await connect();
          const leave = async (name: string, messages: number) => {
            const one = await connect(sessionOf(name));
            await one.client.subscribe(name, 1);
            await one.client.end();
            await sim.sleep(10);
            for (let i = 0; i < messages; i++) {
              await client.publish(name, "x".repeat(500), { qos: 1 });
            }
            await sim.sleep(10);
          };
          await leave("first", 3);
          await leave("second", 3);
          await leave("third", 3); // together they fit
          const { client: back, sessionPresent } = await connect(
            sessionOf("first"),
          );
          assert.equal(sessionPresent, true);
          for (let i = 0; i < 3; i++) await back.heard();
          await back.end(); // now it was gone last
          await sim.sleep(10);
          for (let i = 0; i < 9; i++) {
            await client.publish("third", "x".repeat(500), { qos: 1 });
          }
          await sim.sleep(10);
          broker.report();
          await client.subscribe("$SYS/broker/clients/#");
          const counts = new Map<string, number>();
          while (counts.size < 4) {
            const [topic, count] = (await client.heard()).split(" ");
            counts.set(topic.replace("$SYS/broker/clients/", ""), +count);
          }
          assert.equal(counts.get("expired"), 1);
          assert.equal(counts.get("disconnected"), 2);
          const bytes = counts.get("disconnected/bytes") ?? 0;
          assert.ok(bytes > 6000 && bytes <= 12_000, `${bytes}`);
          for (
            const [name, isKept] of [
              ["first", true],
              ["second", false],
              ["third", true],
            ] as const
          ) {
            const again = await connect(sessionOf(name));
            assert.equal(again.sessionPresent, isKept, name);
            await again.client.abort();
          }
          await client.abort();
        },
        { absentBytes: 12_000 },
      ));

    it("has no more bytes under way to who acknowledges nothing than it may, but for one message alone, and keeps their order", () =>
      withBroker(
        async (connect) => {
          const { client: slow } = await connect();
          const { client } = await connect();
          await slow.subscribe("a", 1);
          const publishAll = async (...sizes: number[]) => {
            for (const size of sizes) {
              await client.publish("a", "x".repeat(size), { qos: 1 });
            }
          };
          const sizes: number[] = [];
          const next = async () => {
            const packet = await slow.receive();
            assert.ok(packet?.type === "publish");
            sizes.push(packet.payload.length);
            return { type: "puback", id: packet.id } as const;
          };
          await publishAll(2000, 300);
          const alone = await next();
          await slow.isQuiet();
          await slow.send(alone);
          await slow.send(await next());
          await slow.isQuiet();
          await publishAll(600, 300, 300, 50);
          const first = await next();
          await next();
          await slow.isQuiet();
          await slow.send(first);
          await next();
          await next();
          assert.deepEqual(sizes, [2000, 300, 600, 300, 300, 50]);
          await Promise.all([slow.abort(), client.abort()]);
        },
        { inFlightBytes: 1000 },
        3000,
      ));

    it("grants as many subscriptions as may be, and as many bytes of them; who gives some up may have others", () =>
      withBroker(
        async (connect) => {
          const { client } = await connect();
          assert.equal(await client.subscribe("1"), 0);
          assert.equal(await client.subscribe("2"), 0);
          assert.equal(await client.subscribe("3"), 0x80, "too many");
          assert.equal(await client.subscribe("2", 1), 1, "no other one");
          await client.ask({ type: "unsubscribe", id: 9, filters: ["1", "x"] });
          assert.equal(await client.subscribe("x".repeat(900)), 0x80, "long");
          assert.equal(await client.subscribe("a/".repeat(50)), 0x80, "deep");
          assert.equal(await client.subscribe("x".repeat(800)), 0);
          await client.end();
        },
        { subscriptions: 2, subscriptionBytes: 1000 },
      ));

    it("holds little for a subscriber that does not read, and nobody else waits for it", () =>
      withBroker(
        async (connect, sim, broker) => {
          const { client: slow } = await connect();
          await slow.subscribe("a", 1);
          const { client } = await connect();
          await client.subscribe("b", 1);
          const text = "x".repeat(900);
          const total = 2000;
          for (let i = 0; i < total; i++) {
            await client.publish("a", text, { qos: i % 2 === 0 ? 0 : 1 });
          }
          await client.publish("b", "done", { qos: 1 });
          assert.equal(await client.heard(), "b done q1");
          await sim.sleep(100);
          broker.report();
          await client.subscribe("$SYS/broker/messages/dropped");
          const [, dropped] = (await client.heard()).split(" ");
          assert.ok(Number(dropped) > total / 4, dropped);
          for (let i = 0; i < total - Number(dropped); i++) {
            assert.match(await slow.heard(), /^a x+/);
          }
          await sim.sleep(1000);
          await slow.isQuiet();
          await Promise.all([slow.end(), client.end()]);
        },
        { queuedMessages: 100, queuedBytes: 20_000 },
      ));

    it("does not take a client for silent that it does not read from, since that has much to read", () =>
      withBroker(
        async (connect, sim) => {
          const { client: slow } = await connect({ keepAlive: 4 });
          await slow.subscribe("a", 1);
          const { client } = await connect();
          const count = 30;
          for (let i = 0; i < count; i++) {
            await client.publish("a", "x".repeat(90_000), { qos: 1 });
          }
          for (let i = 0; i < 10; i++) {
            await slow.send({ type: "pingreq" });
            await sim.sleep(3000);
          }
          let heardCount = 0;
          for (let left = count + 10; left > 0; left--) {
            const packet = await slow.receive();
            if (packet?.type !== "publish") continue;
            heardCount++;
            await slow.send({ type: "puback", id: packet.id });
          }
          assert.equal(heardCount, count);
          await Promise.all([slow.end(), client.end()]);
        },
        { queuedBytes: 2 ** 22 },
        100_000,
      ));

    it("refuses versions that it does not speak, and ids that are none, by their codes", () =>
      withBroker(async (_connect, sim) => {
        const runtime = sim.runtime("client");
        for (
          const [packet, code] of [
            [{ type: "unsupported connect", level: 5 }, 1],
            [connectPacket({ clean: false }), 2],
          ] as const
        ) {
          const client = await MqttClient.open(runtime, ADDRESS);
          const expected = { type: "connack", sessionPresent: false, code };
          assert.deepEqual(await client.ask(packet), expected);
          assert.equal(await client.receive(), undefined);
        }
      }));

    it("closes the connection of who breaks the rules, and of nobody else", () =>
      withBroker(async (connect, sim) => {
        const { client: good } = await connect();
        await good.subscribe("#", 1);
        const runtime = sim.runtime("client");
        for (
          const packet of [
            publish("a/#", "x"),
            publish("", "x"),
            connectPacket(),
            { type: "pingresp" },
          ] as const
        ) {
          const { client } = await connect();
          assert.equal(await client.ask(packet), undefined);
        }
        const early = await MqttClient.open(runtime, ADDRESS);
        assert.equal(await early.ask({ type: "pingreq" }), undefined);
        const stranger = await connectMessages(runtime, ADDRESS, lines());
        await stranger.send("GET / HTTP/1.0");
        assert.equal(await stranger.receive(), undefined);
        const silent = await MqttClient.open(runtime, ADDRESS);
        assert.equal(await silent.receive(), undefined);
        await good.isQuiet();
        await good.end();
      }));

    it("brings every message of QoS 1 that it has acknowledged to a session that stays, whatever the network does", async () => {
      let heardCount = 0;
      await simulate({ seeds: 30, faults: "random" }, async (sim) => {
        const addresses = await serve(sim, new Broker(), MAX_PACKET);
        const acknowledged = new Set<string>();
        const heard = new Set<string>();
        const isDone = () => heard.size === 10 && acknowledged.size === 10;
        const [near, far] = [
          sim.runtime("subscriber"),
          sim.runtime("publisher"),
        ];
        const mine = { clientId: "me", clean: false };
        const [address] = addresses;
        const other = addresses.at(-1) ?? address;
        await insist(
          sim,
          near,
          address,
          mine,
          (client) => client.subscribe("a", 1),
        );
        const hearing = sim.spawn(() =>
          insist(sim, near, address, mine, async (client) => {
            while (!isDone()) heard.add((await client.heard()).split(" ")[1]);
          })
        );
        for (let i = 0; i < 10; i++) {
          await insist(sim, far, other, {}, async (client) => {
            await client.publish("a", `${i}`, { qos: 1 });
            acknowledged.add(`${i}`);
          });
        }
        await hearing;
        heardCount += heard.size;
      });
      assert.equal(heardCount, 300);
    });
  });
}

describe("two threads that share a broker of MQTT", () => {
  it("lose their clients when they end: their wills are published, and their sessions kept", async () => {
    await simulate({ seeds: 10 }, async (sim) => {
      const threads = await TwoThreads.serve(sim, new Broker(), MAX_PACKET);
      const payload = new TextEncoder().encode("x");
      const will = { topic: "gone", payload, qos: 1, retain: false } as const;
      const mine = { clientId: "me", clean: false };
      const [near, far] = [sim.runtime("near"), sim.runtime("far")];
      const connect = MqttClient.connect;
      const { client: watcher } = await connect(near, "broker1:1883");
      await watcher.subscribe("gone", 1);
      const { client: lost } = await connect(far, ADDRESS, { ...mine, will });
      await lost.subscribe("a", 1);
      threads.lose(0);
      assert.equal(await watcher.heard(), "gone x q1");
      await lost.publish("gone", "said by nobody");
      await watcher.publish("a", "1", { qos: 1 });
      const { client, sessionPresent } = await connect(
        far,
        "broker1:1883",
        mine,
      );
      assert.equal(sessionPresent, true);
      assert.equal(await client.heard(), "a 1 q1");
      await watcher.isQuiet();
      for (const it of [client, watcher, lost]) await it.abort();
    });
  });

  it("hear of a client that has lost its session nothing that counts", () => {
    const hub = new BrokerHub(new Broker());
    const commands: BrokerCommand[] = [];
    const channelOf = (client: number): Channel<BrokerCommand> => ({
      isFull: false,
      whenRoom: () => Promise.resolve(),
      send: (command) => void commands.push({ ...command, client }),
    });
    const [old, young] = [channelOf(1), channelOf(2)];
    const connect = connectPacket({ clientId: "me" });
    hub.onEvent({ type: "packet", client: 7, packet: connect }, old);
    hub.onEvent({ type: "packet", client: 7, packet: connect }, young);
    commands.length = 0;
    const packet = publish("a", "x", { qos: 1, id: 9 });
    hub.onEvent({ type: "packet", client: 7, packet }, old);
    assert.deepEqual(commands, []);
    hub.onEvent({ type: "packet", client: 7, packet }, young);
    assert.deepEqual(commands, [{
      type: "packet",
      client: 2,
      packet: { type: "puback", id: 9 },
    }]);
  });

  it("hand over a session with what is not acknowledged, each message once more and in order", async () => {
    await simulate({ seeds: 20 }, async (sim) => {
      await TwoThreads.serve(sim, new Broker(), MAX_PACKET);
      const connect = MqttClient.connect;
      const [far, away] = [sim.runtime("far"), sim.runtime("away")];
      const mine = { clientId: "me", clean: false };
      const { client: old } = await connect(sim.runtime("near"), ADDRESS, mine);
      await old.subscribe("a", 1);
      const { client: publisher } = await connect(away, ADDRESS);
      const count = 30;
      const publishing = sim.spawn(async () => {
        for (let i = 0; i < count; i++) {
          await publisher.publish("a", `${i}`, { qos: 1 });
        }
      });
      const acknowledged = sim.random.integer(0, 10);
      for (let i = 0; i < acknowledged; i++) {
        assert.equal(await old.heard(), `a ${i} q1`);
      }
      await sim.sleep(20); // until the broker has the acknowledgements
      const { client: young, sessionPresent } = await connect(
        far,
        "broker1:1883",
        mine,
      );
      assert.equal(sessionPresent, true);
      for (let i = acknowledged; i < count; i++) {
        assert.match(await young.heard(), new RegExp(`^a ${i} q1( again)?$`));
      }
      await publishing;
      await young.isQuiet();
      for (const client of [young, publisher, old]) await client.abort();
    });
  });

  it("publish the will of a client of the one for a client of the other", async () => {
    await simulate({ seeds: 10 }, async (sim) => {
      await TwoThreads.serve(sim, new Broker(), MAX_PACKET);
      const payload = new TextEncoder().encode("x");
      const will = { topic: "gone", payload, qos: 1, retain: true } as const;
      const connect = MqttClient.connect;
      const [near, far] = [sim.runtime("near"), sim.runtime("far")];
      const { client: watcher } = await connect(near, "broker1:1883");
      await watcher.subscribe("gone", 1);
      const { client: polite } = await connect(far, ADDRESS, { will });
      await polite.end();
      const { client: lost } = await connect(far, ADDRESS, { will });
      await lost.isQuiet();
      await lost.abort();
      assert.equal(await watcher.heard(), "gone x q1");
      await watcher.isQuiet();
      const { client: late } = await connect(near, "broker1:1883");
      await late.subscribe("gone", 1);
      assert.equal(await late.heard(), "gone x q1 retained");
      await Promise.all([watcher.end(), late.end()]);
    });
  });

  it("read from nobody who says more than a busy one can be told, and lose nothing", async () => {
    await simulate({ seeds: 1 }, async (sim) => {
      const broker = new Broker({ queuedBytes: 2 ** 26 });
      const threads = await TwoThreads.serve(sim, broker, 100_000);
      const [near, far] = [sim.runtime("near"), sim.runtime("far")];
      const { client: slow } = await MqttClient.connect(near, ADDRESS);
      await slow.subscribe("a");
      const keepAlive = { keepAlive: 10 };
      const { client } = await MqttClient.connect(
        far,
        "broker1:1883",
        keepAlive,
      );
      const free = threads.keepBusy(0);
      const [count, size] = [300, 90_000];
      let sent = 0;
      const sending = sim.spawn(async () => {
        for (; sent < count; sent++) {
          await client.publish("a", `${sent}`.padEnd(size));
        }
      });
      await sim.sleep(120_000);
      assert.ok(sent * size < 6 * 2 ** 20, `${sent}`);
      free();
      for (let i = 0; i < count; i++) {
        assert.equal((await slow.heard()).trim(), `a ${i}`);
      }
      await sending;
      await Promise.all([slow.end(), client.end()]);
    });
  });
});

/** Does `work` with a client, and again with another one for as long as the network fails it. */
async function insist<Result>(
  sim: Simulation,
  runtime: ReactRuntime,
  address: string,
  connect: ConnectWith,
  work: (client: MqttClient) => Promise<Result>,
): Promise<Result> {
  for (;;) {
    try {
      const { client } = await MqttClient.connect(runtime, address, connect);
      try {
        return await work(client);
      } finally {
        await client.abort();
      }
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      await sim.sleep(100);
    }
  }
}
