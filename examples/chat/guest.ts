import type { MessageContext, MessageHandlers } from "../../mod.ts";
import type { Chat } from "./chat.ts";
import { MAX_TEXT, plainText } from "./lines.ts";
import type { Room, Talker } from "./room.ts";

/** What a name of somebody, or of a room, may be. */
const NAME = /^[\p{L}\p{N}_-]{1,20}$/u;

const HELP =
  "* /join ROOM goes to a room, /rooms lists them, /who tells who is here, /quit leaves";

/** One connection, of whatever kind: somebody who has a name, once they have said it, and is in a room. */
export class Guest implements MessageHandlers<string, string, never>, Talker {
  readonly #chat: Chat;
  #ctx: MessageContext<string, never> | undefined = undefined;
  name = "";
  room: Room | undefined = undefined;

  constructor(chat: Chat) {
    this.#chat = chat;
  }

  get ctx(): MessageContext<string, never> {
    return this.#ctx as MessageContext<string, never>;
  }

  onConnected(ctx: MessageContext<string, never>): void {
    this.#ctx = ctx;
    this.tell("* Welcome. What is your name?");
  }

  onMessage(line: string): void {
    if (line.length > MAX_TEXT) {
      return this.tell(`* That is more than ${MAX_TEXT} characters`);
    }
    const text = plainText(line);
    if (this.name === "") this.#introduce(text);
    else if (text.startsWith("/")) this.#obey(text);
    else if (text !== "") this.room?.say(`${this.name}: ${text}`);
  }

  onDrain(): void {
    this.tell("* The server ends. Good-bye.");
    this.ctx.close();
  }

  onClose(): void {
    this.#chat.remove(this);
  }

  /** Sends a line to this one alone. */
  tell(line: string): void {
    this.ctx.send(line);
  }

  #introduce(name: string): void {
    if (!NAME.test(name)) {
      return this.tell("* A name has 1 to 20 letters and digits. Try again.");
    }
    if (!this.#chat.add(this, name)) {
      return this.tell(`* ${name} is taken. Try another one.`);
    }
    this.tell(`* Hello ${name}. ${HELP.slice(2)}.`);
    this.#join("lobby");
  }

  #obey(text: string): void {
    const [command, room = ""] = text.split(/ +/);
    switch (command) {
      case "/join":
        return this.#join(room);
      case "/rooms":
        return this.tell(`* Rooms: ${this.#chat.rooms}`);
      case "/who":
        return this.tell(`* Here: ${this.room?.names}`);
      case "/quit":
        this.tell("* Good-bye.");
        return this.ctx.close();
      default:
        return this.tell(HELP);
    }
  }

  #join(name: string): void {
    if (!NAME.test(name)) {
      return this.tell("* A room has a name of 1 to 20 letters and digits");
    }
    if (!this.#chat.join(this, name)) {
      return this.tell("* There are as many rooms as there can be");
    }
    this.tell(`* You are in ${name}, with ${this.room?.names}`);
  }
}
