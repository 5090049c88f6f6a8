import assert from "node:assert/strict";
import { describe, it } from "node:test";
import reactors from "../examples/chat/reactors.ts";
import { MAX_TEXT } from "../examples/chat/lines.ts";
import {
  type Address,
  connectMessages,
  type ConnectOptions,
  hostAdapter,
  lines,
  type MessageConnection,
  type ReactRuntime,
} from "../mod.ts";
import { webSocketClient } from "../src/entries/websocket.ts";
import { ANY_PORT, withRuntime } from "./conformance/support.ts";

/** Somebody who chats. */
class Guest {
  readonly #connection: MessageConnection<string, string>;

  private constructor(connection: MessageConnection<string, string>) {
    this.#connection = connection;
  }

  /** Connects, and says `name`. */
  static async come(
    chat: Chat,
    name: string,
    isWeb = false,
  ): Promise<Guest> {
    const [address, options] = isWeb
      ? [chat.web, webSocketClient("ws://localhost/chat").options]
      : [chat.plain, {}];
    const guest = new Guest(
      await connectMessages(
        chat.runtime,
        address,
        lines(),
        options as ConnectOptions,
      ),
    );
    await guest.hears("* Welcome. What is your name?");
    await guest.say(name);
    return guest;
  }

  async say(line: string): Promise<void> {
    await this.#connection.send(line);
  }

  /** The next line is `expected`. */
  async hears(expected: string | RegExp): Promise<void> {
    const line = await this.#connection.receive({ timeoutMs: 5000 });
    if (typeof expected === "string") assert.equal(line, expected);
    else assert.match(String(line), expected);
  }

  async leave(): Promise<void> {
    await this.#connection.close();
  }
}

interface Chat {
  readonly runtime: ReactRuntime<never>;
  readonly plain: Address;
  readonly web: Address;
}

function chatting(
  use: (chat: Chat) => Promise<void>,
  rooms = 10,
): Promise<void> {
  return withRuntime<never>(hostAdapter(), {}, async (runtime) => {
    const thread = { runtime, runtimeId: 0, threadCount: 1 };
    const [plain, web] = await Promise.all(
      [reactors.listeners.lines, reactors.listeners.web].map((make) =>
        runtime.listen(ANY_PORT, make({ rooms }, thread))
      ),
    );
    await use({ runtime, plain: plain.address, web: web.address });
  });
}

describe("a chat", () => {
  it("has the same rooms for plain connections and for WebSockets", () =>
    chatting(async (chat) => {
      const ann = await Guest.come(chat, "ann");
      await ann.hears(/^\* Hello ann\./);
      await ann.hears("* You are in lobby, with ann");
      const bob = await Guest.come(chat, "bob", true);
      await bob.hears(/^\* Hello bob\./);
      await bob.hears("* You are in lobby, with ann, bob");
      await ann.hears("* bob comes in");
      await bob.say("hello");
      await ann.hears("bob: hello");
      await bob.hears("bob: hello");
      await ann.say("/join Club");
      await bob.hears("* ann leaves");
      await ann.hears("* You are in Club, with ann");
      await ann.say("/rooms");
      await ann.hears("* Rooms: lobby, Club");
      await bob.say("is anybody here?");
      await bob.hears("bob: is anybody here?");
      await bob.leave();
      await ann.leave();
    }));

  it("gives a name to one at a time, whatever its case, and again when that one has left", () =>
    chatting(async (chat) => {
      const ann = await Guest.come(chat, "ann");
      await ann.hears(/^\* Hello/);
      await ann.hears(/^\* You are in/);
      const other = await Guest.come(chat, "ANN");
      await other.hears("* ANN is taken. Try another one.");
      await other.say("an apple");
      await other.hears(/^\* A name has 1 to 20 letters/);
      await other.say("ben");
      await other.hears(/^\* Hello ben/);
      await other.leave();
      await ann.hears("* ben comes in");
      await ann.hears("* ben leaves");
      await ann.leave();
      const again = await Guest.come(chat, "ann");
      await again.hears(/^\* Hello ann/);
      await again.leave();
    }));

  it("has as many rooms as it may, and lines as long, without orders to a terminal", () =>
    chatting(async (chat) => {
      const ann = await Guest.come(chat, "ann");
      await ann.hears(/^\* Hello/);
      await ann.hears(/^\* You are in/);
      await ann.say("/join other");
      await ann.hears("* There are as many rooms as there can be");
      await ann.say("/join no way!");
      await ann.hears("* There are as many rooms as there can be");
      await ann.say("a".repeat(MAX_TEXT + 1));
      await ann.hears(`* That is more than ${MAX_TEXT} characters`);
      await ann.say("€".repeat(MAX_TEXT));
      await ann.hears(`ann: ${"€".repeat(MAX_TEXT)}`);
      await ann.say("\x1b[2Jgone\u202e");
      await ann.hears("ann: [2Jgone");
      await ann.leave();
    }, 1));
});
