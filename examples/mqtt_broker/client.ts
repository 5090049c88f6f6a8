// One connection to the broker: chapter 3, as far as servers are concerned, and
// chapter 4.

import type { MessageContext, MessageHandlers } from "../../mod.ts";
import type { Broker } from "./broker.ts";
import {
  type Connect,
  ConnectCode,
  type Message,
  type Packet,
  type Publish,
  type Subscribe,
} from "./packets.ts";
import type { Recipient, Session } from "./session.ts";
import { isReserved, isTopic } from "./topics.ts";

/** So many messages of QoS 2 may be under way from a client. */
const MOST_RECEIVED = 1000;
const PATIENCE = 1.5;
/** While a client is to be sent so many bytes it may not be read from: the low-water mark. */
const MUCH = 256 * 1024;

/** The client has broken a rule of MQTT: its connection is closed. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** Milliseconds on some clock. */
export interface Clock {
  now(): number;
}

/** Serves a client. */
export class Client implements MessageHandlers<Packet>, Recipient {
  readonly #broker: Broker;
  readonly #clock: Clock;
  #ctx: MessageContext<Packet> | undefined = undefined;
  /** Undefined before its connect. */
  #session: Session | undefined = undefined;
  #will: Message | undefined = undefined;
  #lastHeard = 0;

  constructor(broker: Broker, clock: Clock) {
    this.#broker = broker;
    this.#clock = clock;
  }

  get bytesQueued(): number {
    return this.#ctx?.sender.bytesQueued ?? 0;
  }

  send(packet: Packet): void {
    this.#ctx?.send(packet);
  }

  takeOver(): void {
    this.#ctx?.close();
  }

  onConnected(ctx: MessageContext<Packet>): void {
    this.#ctx = ctx;
  }

  onMessage(packet: Packet, ctx: MessageContext<Packet>): void {
    this.#lastHeard = this.#clock.now();
    const session = this.#session;
    if (session === undefined) return this.#begin(packet, ctx);
    switch (packet.type) {
      case "publish":
        return this.#publish(packet, session);
      case "puback":
        return session.acknowledge(packet.id);
      case "pubrel":
        session.receivedIds.delete(packet.id);
        return this.send({ type: "pubcomp", id: packet.id });
      case "subscribe":
        return this.#subscribe(packet, session);
      case "unsubscribe":
        this.#broker.unsubscribe(session, packet.filters);
        return this.send({ type: "unsuback", id: packet.id });
      case "pingreq":
        return this.send({ type: "pingresp" });
      case "disconnect":
        this.#will = undefined;
        return ctx.close();
      default:
        throw new ProtocolError(`Cannot take a ${packet.type} of a client now`);
    }
  }

  onDrain(ctx: MessageContext<Packet>): void {
    ctx.close();
  }

  onClose(): void {
    this.#ctx = undefined;
    if (this.#session === undefined) return;
    this.#broker.leave(this.#session, this);
    if (this.#will !== undefined) this.#sayToAll(this.#will);
  }

  #begin(packet: Packet, ctx: MessageContext<Packet>): void {
    if (packet.type === "unsupported connect") {
      return this.#refuse(ConnectCode.UnsupportedVersion, ctx);
    }
    if (packet.type !== "connect") {
      throw new ProtocolError(`Cannot begin with a ${packet.type}`);
    }
    if (packet.clientId === "" && !packet.clean) {
      return this.#refuse(ConnectCode.BadClientId, ctx);
    }
    this.#admit(packet, ctx);
  }

  #refuse(code: number, ctx: MessageContext<Packet>): void {
    ctx.send({ type: "connack", sessionPresent: false, code });
    ctx.close();
  }

  #admit(connect: Connect, ctx: MessageContext<Packet>): void {
    const { will, keepAlive } = connect;
    if (will !== undefined) checkTopic(will.topic);
    const { session, isPresent } = this.#broker.admit(connect);
    this.#session = session;
    this.#will = will;
    const code = ConnectCode.Accepted;
    ctx.send({ type: "connack", sessionPresent: isPresent, code });
    session.attach(this);
    if (keepAlive > 0) this.#watch(PATIENCE * 1000 * keepAlive, ctx);
  }

  /** Closes the connection when nothing has come for `limitMs`. */
  #watch(limitMs: number, ctx: MessageContext<Packet>): void {
    const silentMs = this.#clock.now() - this.#lastHeard;
    if (silentMs < limitMs) {
      ctx.after(limitMs - silentMs, () => this.#watch(limitMs, ctx));
    } else if (this.bytesQueued > MUCH) {
      // What it says may not be read before it reads itself: `sendTimeoutMs` counts.
      ctx.after(limitMs, () => this.#watch(limitMs, ctx));
    } else ctx.abort();
  }

  /** Of QoS 2, a message is taken when it comes first, and not again before the client has released its id. */
  #publish(publish: Publish, session: Session): void {
    const { topic, payload, qos, retain, id } = publish;
    checkTopic(topic);
    if (qos === 2) {
      if (session.receivedIds.size >= MOST_RECEIVED) {
        throw new ProtocolError("Cannot have more messages of QoS 2 under way");
      }
      const isNew = !session.receivedIds.has(id);
      session.receivedIds.add(id);
      this.send({ type: "pubrec", id });
      if (!isNew) return;
    } else if (qos === 1) this.send({ type: "puback", id });
    this.#sayToAll({ topic, payload, qos, retain });
  }

  /** What is the broker's own, nobody else says. */
  #sayToAll(message: Message): void {
    if (!isReserved(message.topic)) this.#broker.publish(message);
  }

  #subscribe({ id, subscriptions }: Subscribe, session: Session): void {
    const granted = this.#broker.subscribe(session, subscriptions);
    this.send({ type: "suback", id, granted });
    const filters = new Set(subscriptions.map(({ filter }) => filter));
    this.#broker.tellRetained(session, filters);
  }
}

function checkTopic(topic: string): void {
  if (isTopic(topic)) return;
  throw new ProtocolError(
    "Cannot publish to a topic that is empty, too deep, or has a wildcard",
  );
}
