// What the thread of a broker runs.

import { defineReactors, framed, type TcpListenerHandler } from "../../mod.ts";
import type { ServingThread } from "../serve.ts";
import { Broker } from "./broker.ts";
import { Client, type Clock } from "./client.ts";
import { mqtt } from "./codec.ts";
import { LIMITS } from "./limits.ts";

/** Where threads load this from. */
export const url = import.meta.url;

/** Clients say who they are, and read what they get, in time, or are closed. */
const PATIENCE = {
  firstMessageTimeoutMs: 10_000,
  messageTimeoutMs: 60_000,
  sendTimeoutMs: 60_000,
};
const REPORT_MS = 10_000;

/** Serves the clients of `broker`, whose packets have `maxPacket` bytes at most. */
export function brokerHandler(
  broker: Broker,
  clock: Clock,
  maxPacket: number,
): TcpListenerHandler<never> {
  const codec = mqtt(maxPacket);
  return {
    onNewConnection: () => ({
      reactor: framed(codec, new Client(broker, clock)),
      ...PATIENCE,
    }),
  };
}

export default defineReactors({
  listeners: {
    mqtt: (
      { maxqueued, maxpacket }: { maxqueued: number; maxpacket: number },
      { runtime }: ServingThread,
    ) => {
      const broker = new Broker({ ...LIMITS, queuedMessages: maxqueued });
      runtime.every(REPORT_MS, () => broker.report());
      broker.report();
      return brokerHandler(broker, runtime.adapter.clock, maxpacket);
    },
  },
});
