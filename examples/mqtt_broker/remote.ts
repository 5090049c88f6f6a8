// A broker in another thread than the connections of its clients.

import { type Hub, type Way, wayToMain } from "../hub.ts";
import type { Broker } from "./broker.ts";
import { Client, type Connection, ProtocolError } from "./client.ts";
import type { Packet } from "./packets.ts";
import { type Clock, ServedConnection } from "./served_connection.ts";

/** What a thread tells of a client, by the number that it gave it. */
export type Told =
  | { readonly client: number; readonly packet: Packet }
  | { readonly client: number; readonly event: "dropped" | "gone" };

/** What a thread is to do with a client: to send it a packet, or to close its connection, maybe because it has broken a rule. */
export type Order =
  | { readonly client: number; readonly packet: Packet }
  | { readonly client: number; readonly broken: string | undefined };

/** The broker, for the threads that have the connections. */
export class BrokerHub implements Hub<Told, Order> {
  readonly #broker: Broker;
  /** Those that have said something. */
  readonly #clients = new Map<Way<Order>, Map<number, Client>>();

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  take(told: Told, way: Way<Order>): void {
    const ofThread = this.#clients.get(way) ?? new Map<number, Client>();
    this.#clients.set(way, ofThread);
    const id = told.client;
    const known = ofThread.get(id);
    if ("packet" in told) {
      const client = known ?? new Client(this.#broker, connectionOf(id, way));
      ofThread.set(id, client);
      hear(told.packet, client, id, way);
    } else if (told.event === "dropped") known?.countDropped();
    else {
      ofThread.delete(id);
      known?.leave();
    }
  }

  lose(way: Way<Order>): void {
    const clients = this.#clients.get(way);
    this.#clients.delete(way);
    clients?.forEach((client) => client.leave());
  }
}

function connectionOf(client: number, way: Way<Order>): Connection {
  return {
    send: (packet) => way.send({ client, packet }, largePartOf(packet)),
    close: () => way.send({ client, broken: undefined }),
  };
}

function hear(
  packet: Packet,
  client: Client,
  id: number,
  way: Way<Order>,
): void {
  try {
    client.take(packet);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    way.send({ client: id, broken: error.message });
  }
}

/** The connections that one of several threads serves. */
export class Front {
  readonly #broker: Way<Told>;
  readonly #connections = new Map<number, ServedConnection>();
  #lastClient = 0;

  constructor(thread: Parameters<typeof wayToMain>[0]) {
    this.#broker = wayToMain(thread);
  }

  /** Serves a connection. */
  serve(clock: Clock, queuedBytes: number): ServedConnection {
    const broker = this.#broker;
    const client = ++this.#lastClient;
    const connection = new ServedConnection(clock, queuedBytes, () => ({
      take: (packet) => {
        broker.send({ client, packet }, largePartOf(packet));
        if (broker.isFull) void connection.holdUp(broker.whenRoom());
      },
      countDropped: () => broker.send({ client, event: "dropped" }),
      leave: () => {
        this.#connections.delete(client);
        broker.send({ client, event: "gone" });
      },
    }));
    this.#connections.set(client, connection);
    return connection;
  }

  /** Does what the broker wants; some of those that it is about may be gone. */
  obey(orders: readonly Order[]): void {
    for (const order of orders) {
      const connection = this.#connections.get(order.client);
      if ("packet" in order) connection?.send(order.packet);
      else connection?.close(reasonOf(order.broken));
    }
  }
}

function reasonOf(broken: string | undefined): ProtocolError | undefined {
  return broken === undefined ? undefined : new ProtocolError(broken);
}

/** The bytes of what may be large in `packet`. */
function largePartOf(packet: Packet): number {
  switch (packet.type) {
    case "publish":
      return packet.topic.length + packet.payload.length;
    case "connect":
      return packet.will?.payload.length ?? 0;
    case "subscribe":
      return packet.subscriptions.reduce(
        (sum, { filter }) => sum + filter.length,
        0,
      );
    case "unsubscribe":
      return packet.filters.reduce((sum, filter) => sum + filter.length, 0);
    default:
      return 0;
  }
}
