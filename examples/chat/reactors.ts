// What the thread of a chat runs: the same guests behind plain connections and
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
import { Guest } from "./guest.ts";
import { chatLines } from "./lines.ts";
import { page } from "./page.ts";

/** Where threads load this from. */
export const url = import.meta.url;

/** What the flags say of a chat. */
export interface ChatOptions {
  readonly rooms: number;
}

/** Guests say their name, and read what they get, in time, or are closed. */
const PATIENCE = { firstMessageTimeoutMs: 120_000, sendTimeoutMs: 30_000 };

/** The chat of each runtime, whatever the number of its listeners. */
const chats = new WeakMap<ReactRuntime<never>, Chat>();

/** Serves the guests of the one chat of a runtime. */
function guests(
  { rooms }: ChatOptions,
  { runtime }: ServingThread,
): TcpListenerHandler<never> {
  const chat = chats.get(runtime) ?? new Chat(rooms);
  chats.set(runtime, chat);
  return {
    onNewConnection: () => ({
      reactor: framed(chatLines, new Guest(chat)),
      ...PATIENCE,
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
});
