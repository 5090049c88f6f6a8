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
import { chatLines } from "./lines.ts";
import { LocalGuests } from "./local_guests.ts";
import type { ChatCommand } from "./messages.ts";
import { page } from "./page.ts";

/** Other threads load this module by this URL. */
export const url = import.meta.url;

/** The settings of a chat, as its flags give them. */
export interface ChatOptions {
  readonly rooms: number;
}

/** A guest that does not say its name, or does not read, in time is disconnected. */
const TIMEOUTS = { firstMessageTimeoutMs: 120_000, sendTimeoutMs: 30_000 };

/** The guests of each thread; all its listeners share them. */
const guestsOf = new WeakMap<ReactRuntime<never>, LocalGuests>();

/** Serves the guests of a thread. */
function serveGuests(
  { rooms }: ChatOptions,
  thread: ServingThread,
): TcpListenerHandler<never> {
  const { runtime } = thread;
  const guests = guestsOf.get(runtime) ??
    new LocalGuests(thread, () => new Chat(rooms));
  guestsOf.set(runtime, guests);
  return {
    onNewConnection: () => ({
      reactor: framed(chatLines, guests.serve()),
      ...TIMEOUTS,
    }),
  };
}

export default defineReactors({
  listeners: {
    lines: serveGuests,
    web: (options: ChatOptions, thread: ServingThread) =>
      overWebSocket(serveGuests(options, thread), {
        path: "/chat",
        maxPayload: 4096,
        pages: { "/": { type: "text/html; charset=utf-8", body: page } },
      }),
  },
  services: {
    execute:
      ({ runtime }: ServingThread) => (commands: readonly ChatCommand[]) => {
        for (const command of commands) {
          guestsOf.get(runtime)?.execute(command);
        }
      },
  },
});
