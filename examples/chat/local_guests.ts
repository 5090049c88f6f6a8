import {
  logWarn,
  type MessageContext,
  type MessageHandlers,
  ReactorGroup,
  SlowMemberError,
} from "../../mod.ts";
import {
  type Channel,
  channelToHub,
  pauseUntilRoom,
  reasonOf,
} from "../hub.ts";
import type { ServingThread } from "../serve.ts";
import type { Chat } from "./chat.ts";
import { chatLines, MAX_TEXT, plainText } from "./lines.ts";
import type { ChatCommand, ChatEvent } from "./messages.ts";

/** A connection, plain or a WebSocket. */
type Connection = MessageContext<string, never>;

/** The guests that this thread serves, and the rooms that they are in. */
export class LocalGuests {
  readonly #chat: Channel<ChatEvent>;
  readonly #guests = new Map<number, Connection>();
  /** The guests of each room. One that reads too slowly is disconnected, and holds up nobody. */
  readonly #rooms = new Map<string, ReactorGroup<string>>();
  #lastGuest = 0;

  /** `make` makes the chat if `thread` is the only one. */
  constructor(thread: ServingThread, make: () => Chat) {
    const execute = (command: ChatCommand) => this.execute(command);
    this.#chat = channelToHub(thread, execute, make);
  }

  /** Serves a connection. */
  serve(): MessageHandlers<string, string, never> {
    const chat = this.#chat;
    const client = ++this.#lastGuest;
    return {
      onConnected: (ctx) => {
        this.#guests.set(client, ctx);
        ctx.send("* Welcome. What is your name?");
      },
      onMessage(line, ctx) {
        if (line.length > MAX_TEXT) {
          ctx.send(`* That is more than ${MAX_TEXT} characters`);
          return;
        }
        const text = plainText(line);
        chat.send({ type: "line", client, line: text }, text.length);
        if (chat.isFull) void pauseUntilRoom(ctx, chat);
      },
      onPeerEnd: () => chat.send({ type: "end", client }),
      onDrain(ctx) {
        ctx.send("* The server ends. Good-bye.");
        ctx.close();
      },
      onClose: (reason) => {
        this.#guests.delete(client);
        chat.send({ type: "gone", client });
        if (reason instanceof SlowMemberError) logWarn(reason.message);
      },
    };
  }

  /** Executes a command, whose guest may be gone by now. */
  execute(command: ChatCommand): void {
    switch (command.type) {
      case "tell":
        this.#guests.get(command.client)?.send(command.line);
        return;
      case "close":
        return this.#guests.get(command.client)?.close(reasonOf(command));
      case "enter":
        return this.#enter(command.client, command.room);
      case "leave":
        return this.#leave(command.client, command.room);
      case "say":
        this.#rooms.get(command.room)?.send(command.line);
    }
  }

  #enter(guest: number, room: string): void {
    const ctx = this.#guests.get(guest);
    if (ctx === undefined) return;
    const group = this.#rooms.get(room) ?? new ReactorGroup<string>({
      codec: chatLines,
      highWaterMark: 64 * 1024,
    });
    this.#rooms.set(room, group);
    group.add(ctx);
  }

  #leave(guest: number, room: string): void {
    const group = this.#rooms.get(room);
    const ctx = this.#guests.get(guest);
    if (ctx !== undefined) group?.remove(ctx);
    if (group?.size === 0) this.#rooms.delete(room);
  }
}
