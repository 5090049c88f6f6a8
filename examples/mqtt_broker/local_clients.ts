import type { Clock } from "../../mod.ts";
import { type Channel, channelToMain, reasonOf } from "../hub.ts";
import {
  type BrokerCommand,
  type BrokerEvent,
  largePartOf,
} from "./messages.ts";
import { BrokerConnection } from "./broker_connection.ts";

/** The clients that this thread serves, for the broker in the main thread. */
export class LocalClients {
  readonly #broker: Channel<BrokerEvent>;
  readonly #connections = new Map<number, BrokerConnection>();
  #lastClient = 0;

  constructor(thread: Parameters<typeof channelToMain>[0]) {
    this.#broker = channelToMain(thread);
  }

  /** Serves a connection. */
  serve(clock: Pick<Clock, "now">, queuedBytes: number): BrokerConnection {
    const broker = this.#broker;
    const client = ++this.#lastClient;
    const connection = new BrokerConnection(clock, queuedBytes, () => ({
      take: (packet) => {
        broker.send({ type: "packet", client, packet }, largePartOf(packet));
        if (broker.isFull) {
          void connection.pauseUntil(broker.whenRoom());
        }
      },
      countDropped: () => broker.send({ type: "dropped", client }),
      end: () => broker.send({ type: "end", client }),
      leave: () => {
        this.#connections.delete(client);
        broker.send({ type: "gone", client });
      },
    }));
    this.#connections.set(client, connection);
    return connection;
  }

  /** Executes a command, whose client may be gone by now. */
  execute(command: BrokerCommand): void {
    const connection = this.#connections.get(command.client);
    if (command.type === "packet") connection?.send(command.packet);
    else connection?.close(reasonOf(command));
  }
}
