// What the threads of a broker run. One serves clients and has the broker; of
// several, each serves clients, and the main thread has the broker.

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

/** Where threads load this from. */
export const url = import.meta.url;

/** What the flags say of a broker. */
export interface BrokerOptions {
  readonly maxqueued: number;
  /** MiB. */
  readonly maxabsent: number;
  readonly maxpacket: number;
}

/** Clients say who they are, and read what they get, in time, or are closed. */
const TIMEOUTS = {
  firstMessageTimeoutMs: 10_000,
  messageTimeoutMs: 60_000,
  sendTimeoutMs: 60_000,
};
const REPORT_MS = 10_000;

/** The clients of each thread that has no broker, whatever the number of its listeners. */
const clientsOf = new WeakMap<ReactRuntime, LocalClients>();

/** Serves the clients of `broker`, which is in this thread; their packets have `maxPacket` bytes at most. */
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

/** The same where the broker is in another thread: so many bytes may wait for a client before messages of QoS 0 are dropped. */
export function localHandler(
  clients: LocalClients,
  clock: Pick<Clock, "now">,
  queuedBytes: number,
  maxPacket: number,
): TcpListenerHandler<never> {
  return handlerOf(() => clients.serve(clock, queuedBytes), maxPacket);
}

/** For several threads: the broker of all, in the main thread, where `runtime` has the clock. */
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
