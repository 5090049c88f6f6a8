import {
  type MessageContext,
  type MessageHandlers,
  ReactorGroup,
} from "../../mod.ts";
import { holdUp, type Way, wayToHub } from "../hub.ts";
import type { ServingThread } from "../serve.ts";
import type { Chat } from "./chat.ts";
import { chatLines, MAX_TEXT, plainText } from "./lines.ts";
import type { Order, Told } from "./orders.ts";

/** A connection, of whatever kind. */
type Connection = MessageContext<string, never>;

/** The guests that one thread serves, and what they have of the rooms. */
export class Hall {
  readonly #chat: Way<Told>;
  readonly #guests = new Map<number, Connection>();
  /** Those of each room. Who reads too slowly is closed, and holds up nobody. */
  readonly #rooms = new Map<string, ReactorGroup<string>>();
  #lastGuest = 0;

  /** `make` makes the chat if `thread` is the only one. */
  constructor(thread: ServingThread, make: () => Chat) {
    const obey = (order: Order) => this.obey(order);
    this.#chat = wayToHub(thread, obey, make);
  }

  /** Serves a connection. */
  welcome(): MessageHandlers<string, string, never> {
    const chat = this.#chat;
    const guest = ++this.#lastGuest;
    return {
      onConnected: (ctx) => {
        this.#guests.set(guest, ctx);
        ctx.send("* Welcome. What is your name?");
      },
      onMessage(line, ctx) {
        if (line.length > MAX_TEXT) {
          ctx.send(`* That is more than ${MAX_TEXT} characters`);
          return;
        }
        const text = plainText(line);
        chat.send({ type: "line", guest, line: text }, text.length);
        if (chat.isFull) void holdUp(ctx, chat);
      },
      onPeerEnd: () => chat.send({ type: "end", guest }),
      onDrain(ctx) {
        ctx.send("* The server ends. Good-bye.");
        ctx.close();
      },
      onClose: () => {
        this.#guests.delete(guest);
        chat.send({ type: "gone", guest });
      },
    };
  }

  /** Does what the chat wants; some of those that it is about may be gone. */
  obey(order: Order): void {
    switch (order.type) {
      case "tell":
        this.#guests.get(order.guest)?.send(order.line);
        return;
      case "close":
        return this.#guests.get(order.guest)?.close();
      case "enter":
        return this.#enter(order.guest, order.room);
      case "leave":
        return this.#leave(order.guest, order.room);
      case "say":
        this.#rooms.get(order.room)?.send(order.line);
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
