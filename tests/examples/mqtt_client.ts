import assert from "node:assert/strict";
import { mqtt } from "../../examples/mqtt_broker/codec.ts";
import type {
  Connect,
  Packet,
  Publish,
  Qos,
} from "../../examples/mqtt_broker/packets.ts";
import {
  type AddressLike,
  connectMessages,
  type MessageConnection,
  type ReactRuntime,
} from "../../mod.ts";

const codec = mqtt(2 ** 20);

/** How a client connects, but for what is usual. */
export type ConnectWith = Partial<Omit<Connect, "type">>;

/** A client that says what a test has it say, and hands out what it hears. */
export class MqttClient {
  readonly #connection: MessageConnection<Packet>;
  #lastId = 0;

  private constructor(connection: MessageConnection<Packet>) {
    this.#connection = connection;
  }

  /** Connects to `address`, and has said nothing yet. */
  static async open(
    runtime: ReactRuntime,
    address: AddressLike,
  ): Promise<MqttClient> {
    return new MqttClient(await connectMessages(runtime, address, codec));
  }

  /** Connects to `address`, and is accepted: also tells whether it has found its session. */
  static async connect(
    runtime: ReactRuntime,
    address: AddressLike,
    connect: ConnectWith = {},
  ): Promise<{ client: MqttClient; sessionPresent: boolean }> {
    const client = await MqttClient.open(runtime, address);
    await client.send(connectPacket(connect));
    const answer = await client.#next();
    assert.ok(answer.type === "connack", answer.type);
    assert.equal(answer.code, 0);
    return { client, sessionPresent: answer.sessionPresent };
  }

  async send(packet: Packet): Promise<void> {
    await this.#connection.send(packet);
  }

  /** The next packet; undefined if the broker ends the connection. */
  receive(): Promise<Packet | undefined> {
    return this.#connection.receive({ timeoutMs: 60_000 });
  }

  /** The next packet. Rejects if the broker ends the connection. */
  async #next(): Promise<Packet> {
    const packet = await this.receive();
    if (packet === undefined) throw new Error("the connection has ended");
    return packet;
  }

  /** Sends `packet`; resolves to the next that comes. */
  async ask(packet: Packet): Promise<Packet | undefined> {
    await this.send(packet);
    return await this.receive();
  }

  /** Resolves to what was granted. */
  async subscribe(filter: string, qos: Qos = 0): Promise<number> {
    const id = ++this.#lastId;
    const subscriptions = [{ filter, qos }];
    await this.send({ type: "subscribe", id, subscriptions });
    const answer = await this.#next();
    assert.ok(answer.type === "suback", answer.type);
    assert.equal(answer.id, id);
    return answer.granted[0];
  }

  /** Publishes, and waits until it is acknowledged if it is to be. */
  async publish(
    topic: string,
    text: string,
    more: Partial<Publish> = {},
  ): Promise<void> {
    const qos = more.qos ?? 0;
    const id = qos === 0 ? 0 : more.id ?? ++this.#lastId;
    await this.send(publish(topic, text, { ...more, qos, id }));
    if (qos === 0) return;
    const answer = await this.#next();
    assert.deepEqual(answer, { type: qos === 1 ? "puback" : "pubrec", id });
  }

  /** The next packet, which must be a publish: its topic and text, and what is unusual about it. */
  async heard(): Promise<string> {
    const packet = await this.#next();
    assert.ok(packet.type === "publish", packet.type);
    const { topic, payload, qos, retain, dup, id } = packet;
    if (qos === 1) await this.send({ type: "puback", id });
    const text = new TextDecoder().decode(payload);
    return `${topic} ${text}${qos > 0 ? ` q${qos}` : ""}${
      retain ? " retained" : ""
    }${dup ? " again" : ""}`;
  }

  /** Nothing has come: the next packet answers what is asked now. */
  async isQuiet(): Promise<void> {
    assert.deepEqual(await this.ask({ type: "pingreq" }), { type: "pingresp" });
  }

  /** Says no more, but goes on to read. */
  async endSending(): Promise<void> {
    await this.#connection.end();
  }

  /** Ends it as the protocol wants it. */
  async end(): Promise<void> {
    await this.send({ type: "disconnect" });
    await this.#connection.close();
  }

  /** Ends it without a word. */
  async abort(): Promise<void> {
    await this.#connection.abort();
  }
}

export function connectPacket(connect: ConnectWith = {}): Connect {
  return {
    type: "connect",
    clientId: "",
    clean: true,
    keepAlive: 0,
    will: undefined,
    username: undefined,
    password: undefined,
    ...connect,
  };
}

export function publish(
  topic: string,
  text: string,
  more: Partial<Publish> = {},
): Publish {
  const payload = new TextEncoder().encode(text);
  const usual = { qos: 0, id: 0, dup: false, retain: false } as const;
  return { type: "publish", topic, payload, ...usual, ...more };
}
