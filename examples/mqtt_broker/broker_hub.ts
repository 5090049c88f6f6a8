import type { Channel, Hub } from "../hub.ts";
import type { Broker } from "./broker.ts";
import { Client, type ClientConnection, ProtocolError } from "./client.ts";
import {
  type BrokerCommand,
  type BrokerEvent,
  largePartOf,
  type PacketMessage,
} from "./messages.ts";

/** A thread that serves connections. */
type Thread = Channel<BrokerCommand>;

/** Connects the broker with the threads that serve its clients. */
export class BrokerHub implements Hub<BrokerEvent, BrokerCommand> {
  readonly #broker: Broker;
  /** Clients that have sent something, by their thread and number. */
  readonly #clients = new WeakMap<Thread, Map<number, Client>>();

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  onEvent(event: BrokerEvent, thread: Thread): void {
    const ofThread = this.#clients.get(thread) ?? new Map<number, Client>();
    this.#clients.set(thread, ofThread);
    const { client: id } = event;
    const known = ofThread.get(id);
    switch (event.type) {
      case "packet": {
        const client = known ??
          new Client(this.#broker, connectionOf(id, thread));
        ofThread.set(id, client);
        return take(event, client, thread);
      }
      case "end": // by now it has been sent all its answers
        return thread.send({ type: "close", client: id });
      case "dropped":
        return known?.countDropped();
      case "gone":
        ofThread.delete(id);
        return known?.leave();
    }
  }
}

function connectionOf(client: number, thread: Thread): ClientConnection {
  return {
    send: (packet) =>
      thread.send({ type: "packet", client, packet }, largePartOf(packet)),
    close: () => thread.send({ type: "close", client }),
  };
}

function take(
  { client: id, packet }: PacketMessage,
  client: Client,
  thread: Thread,
): void {
  try {
    client.take(packet);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    thread.send({ type: "close", client: id, error: error.message });
  }
}
