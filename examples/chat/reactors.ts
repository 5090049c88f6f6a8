// What the threads of a chat run: the same guests behind plain connections and
// behind WebSockets.

import {
  defineReactors,
  framed,
  type ReactRuntime,
  type TcpListenerHandler,
} from "../../mod.ts";
import { overWebSocket } from "../../src/entries/websocket.ts";
import type { ServingThread } from "../serve.ts";
import { Chat } from "./chat.ts";
import { Hall } from "./hall.ts";
import { chatLines } from "./lines.ts";
import type { Order } from "./orders.ts";
import { page } from "./page.ts";

/** Where threads load this from. */
export const url = import.meta.url;

/** What the flags say of a chat. */
export interface ChatOptions {
  readonly rooms: number;
}

/** Guests say their name, and read what they get, in time, or are closed. */
const TIMEOUTS = { firstMessageTimeoutMs: 120_000, sendTimeoutMs: 30_000 };

/** The hall of each thread, whatever the number of its listeners. */
const halls = new WeakMap<ReactRuntime<never>, Hall>();

/** Serves the guests of a thread. */
function guests(
  { rooms }: ChatOptions,
  thread: ServingThread,
): TcpListenerHandler<never> {
  const { runtime } = thread;
  const hall = halls.get(runtime) ?? new Hall(thread, () => new Chat(rooms));
  halls.set(runtime, hall);
  return {
    onNewConnection: () => ({
      reactor: framed(chatLines, hall.welcome()),
      ...TIMEOUTS,
    }),
  };
}

export default defineReactors({
  listeners: {
    lines: guests,
    web: (options: ChatOptions, thread: ServingThread) =>
      overWebSocket(guests(options, thread), {
        path: "/chat",
        maxPayload: 4096,
        pages: { "/": { type: "text/html; charset=utf-8", body: page } },
      }),
  },
  services: {
    obey: ({ runtime }: ServingThread) => (orders: readonly Order[]) => {
      for (const order of orders) halls.get(runtime)?.obey(order);
    },
  },
});
