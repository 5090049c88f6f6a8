// What the threads of a broker run. A single thread serves clients and has the
// broker. If there are several, they serve clients, and the main thread has the
// broker.

import {
  type Clock,
  defineReactors,
  framed,
  type ReactRuntime,
  type TcpListenerHandler,
} from "../../mod.ts";
import { shareHub } from "../hub.ts";
import { isOneOfSeveral, type ServingThread, type Shared } from "../serve.ts";
import { Broker } from "./broker.ts";
import { BrokerHub } from "./broker_hub.ts";
import { Client } from "./client.ts";
import { mqtt } from "./codec.ts";
import { LIMITS } from "./limits.ts";
import { LocalClients } from "./local_clients.ts";
import type { BrokerCommand } from "./messages.ts";
import { BrokerConnection } from "./broker_connection.ts";

/** Other threads load this module by this URL. */
export const url = import.meta.url;

/** The settings of a broker, as its flags give them. */
export interface BrokerOptions {
  readonly maxqueued: number;
  /** MiB. */
  readonly maxabsent: number;
  readonly maxpacket: number;
}

/** A client that does not connect, finish a packet, or read in time is closed. */
const TIMEOUTS = {
  firstMessageTimeoutMs: 10_000,
  messageTimeoutMs: 60_000,
  sendTimeoutMs: 60_000,
};
const REPORT_MS = 10_000;

/** The clients of each thread that has no broker; all its listeners share them. */
const clientsOf = new WeakMap<ReactRuntime, LocalClients>();

/** Serves clients if `broker` is in this thread. Packets have at most `maxPacket` bytes. */
export function brokerHandler(
  broker: Broker,
  clock: Pick<Clock, "now">,
  maxPacket: number,
): TcpListenerHandler<never> {
  const { queuedBytes } = broker.limits;
  const serve = () =>
    new BrokerConnection(
      clock,
      queuedBytes,
      (connection) => new Client(broker, connection),
    );
  return handlerOf(serve, maxPacket);
}

/** Serves clients if the broker is in another thread. If more than `queuedBytes` are queued for a client, messages of QoS 0 to it are dropped. */
export function localHandler(
  clients: LocalClients,
  clock: Pick<Clock, "now">,
  queuedBytes: number,
  maxPacket: number,
): TcpListenerHandler<never> {
  return handlerOf(() => clients.serve(clock, queuedBytes), maxPacket);
}

/** What the main thread does if there are several: it has the broker, which takes its time from `runtime`. */
export function shareBroker(
  options: BrokerOptions,
  runtime: ReactRuntime,
): Shared {
  const broker = startBroker(options, runtime);
  return {
    ...shareHub(new BrokerHub(broker)),
    onStop: () => runtime.stop(),
  };
}

export default defineReactors({
  listeners: {
    mqtt: (options: BrokerOptions, thread: ServingThread) => {
      const { clock } = thread.runtime.adapter;
      if (!isOneOfSeveral(thread)) {
        const broker = startBroker(options, thread.runtime);
        return brokerHandler(broker, clock, options.maxpacket);
      }
      const clients = clientsOf.get(thread.runtime) ?? new LocalClients(thread);
      clientsOf.set(thread.runtime, clients);
      return localHandler(
        clients,
        clock,
        LIMITS.queuedBytes,
        options.maxpacket,
      );
    },
  },
  services: {
    execute:
      ({ runtime }: ServingThread) => (commands: readonly BrokerCommand[]) => {
        for (const command of commands) {
          clientsOf.get(runtime)?.execute(command);
        }
      },
  },
});

function startBroker(
  { maxqueued, maxabsent }: BrokerOptions,
  runtime: ReactRuntime,
): Broker {
  const broker = new Broker({
    queuedMessages: maxqueued,
    absentBytes: maxabsent * 2 ** 20,
  });
  runtime.every(REPORT_MS, () => broker.report());
  broker.report();
  return broker;
}

function handlerOf(
  serve: () => BrokerConnection,
  maxPacket: number,
): TcpListenerHandler<never> {
  const codec = mqtt(maxPacket);
  return {
    onNewConnection: () => ({ reactor: framed(codec, serve()), ...TIMEOUTS }),
  };
}
