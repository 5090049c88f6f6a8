// What the broker does for one connection: chapters 3 and 4 of the standard, as
// far as they concern servers.

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

/** How many messages of QoS 2 a client may have in flight. */
const MOST_RECEIVED = 1000;

/** The client broke a rule of MQTT, so its connection is closed. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** The connection of a client, in this thread or in another one. */
export interface ClientConnection {
  /** Sends a packet; one of QoS 0 is dropped if too much waits to be sent. */
  send(packet: Packet): void;
  /** Closes it. What was sent before still goes out. */
  close(): void;
}

/** The client of one connection. */
export class Client implements Recipient {
  readonly #broker: Broker;
  readonly #connection: ClientConnection;
  /** Undefined before its connect. */
  #session: Session | undefined = undefined;
  #will: Message | undefined = undefined;
  /** The connection is being closed: whatever else comes is ignored. */
  #isOver = false;

  constructor(broker: Broker, connection: ClientConnection) {
    this.#broker = broker;
    this.#connection = connection;
  }

  send(packet: Packet): void {
    this.#connection.send(packet);
  }

  takeOver(): void {
    this.#close();
  }

  /** Handles a packet of the client. After it has thrown {@linkcode ProtocolError}, it ignores all others. */
  take(packet: Packet): void {
    if (this.#isOver) return;
    try {
      if (this.#session === undefined) this.#begin(packet);
      else this.#goOn(packet, this.#session);
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }

  /** A message to the client was dropped, because it reads too slowly. */
  countDropped(): void {
    this.#broker.countDropped();
  }

  /** The client sends nothing more, and has all its answers. */
  end(): void {
    this.#close();
  }

  /** The connection is gone. */
  leave(): void {
    this.#isOver = true;
    if (this.#session === undefined) return;
    this.#broker.leave(this.#session, this);
    if (this.#will !== undefined) this.#sayToAll(this.#will);
  }

  #close(): void {
    this.#isOver = true;
    this.#connection.close();
  }

  #begin(packet: Packet): void {
    if (packet.type === "unsupported connect") {
      return this.#refuse(ConnectCode.UnsupportedVersion);
    }
    if (packet.type !== "connect") {
      throw new ProtocolError(`Cannot begin with "${packet.type}"`);
    }
    if (packet.clientId === "" && !packet.clean) {
      return this.#refuse(ConnectCode.BadClientId);
    }
    this.#admit(packet);
  }

  #refuse(code: number): void {
    this.send({ type: "connack", sessionPresent: false, code });
    this.#close();
  }

  #admit(connect: Connect): void {
    const { will } = connect;
    if (will !== undefined) checkTopic(will.topic);
    const { session, isPresent } = this.#broker.admit(connect);
    this.#session = session;
    this.#will = will;
    const code = ConnectCode.Accepted;
    this.send({ type: "connack", sessionPresent: isPresent, code });
    session.attach(this);
  }

  #goOn(packet: Packet, session: Session): void {
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
        return this.#close();
      default:
        throw new ProtocolError(`Cannot take "${packet.type}" of a client now`);
    }
  }

  /** A message of QoS 2 is published the first time that it comes, and not again until the client has released its id. */
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

  /** Topics that begin with $ are the broker's own; what others publish there is dropped. */
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
