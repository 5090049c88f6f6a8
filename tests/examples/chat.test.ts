import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Chat } from "../../examples/chat/chat.ts";
import reactors from "../../examples/chat/reactors.ts";
import { MAX_TEXT } from "../../examples/chat/lines.ts";
import type { ChatEvent } from "../../examples/chat/messages.ts";
import type { GuestThread } from "../../examples/chat/room.ts";
import { shareHub } from "../../examples/hub.ts";
import {
  type Address,
  connectMessages,
  type ConnectOptions,
  hostAdapter,
  lines,
  type MessageConnection,
  type ReactRuntime,
  setLogSink,
  ThreadedReactorMgr,
} from "../../mod.ts";
import { webSocketClient } from "../../src/entries/websocket.ts";
import { ANY_PORT, quietly, withRuntime } from "../conformance/support.ts";
import { moduleUrl } from "../threads/agents.ts";
import { listenIn } from "../threads/listen_in.ts";
import type crashing from "../threads/modules/chat.ts";
import { UNSERVABLE } from "../threads/modules/chat.ts";

/** Somebody who chats. */
class Guest {
  readonly #connection: MessageConnection<string, string>;

  private constructor(connection: MessageConnection<string, string>) {
    this.#connection = connection;
  }

  /** Connects, and says `name`. */
  static async come(
    chat: Running,
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

  /** The same; gets that name, and is in the lobby. */
  static async enter(...args: Parameters<typeof Guest.come>): Promise<Guest> {
    const guest = await Guest.come(...args);
    await guest.hears(/^\* Hello /);
    await guest.hears(/^\* You are in lobby/);
    return guest;
  }

  async say(line: string): Promise<void> {
    await this.#connection.send(line);
  }

  /** The next line is `expected`. */
  async hears(expected: string | RegExp): Promise<void> {
    const line = await this.next();
    if (typeof expected === "string") assert.equal(line, expected);
    else assert.match(line, expected);
  }

  /** The next line. */
  async next(): Promise<string> {
    return String(await this.#connection.receive({ timeoutMs: 60_000 }));
  }

  /** The next lines. */
  async nextOf(count: number): Promise<string[]> {
    const lines: string[] = [];
    while (lines.length < count) lines.push(await this.next());
    return lines;
  }

  /** The chat has closed its connection. */
  async isClosed(): Promise<void> {
    assert.equal(
      await this.#connection.receive({ timeoutMs: 60_000 }),
      undefined,
    );
    await this.leave();
  }

  async leave(): Promise<void> {
    await this.#connection.close();
  }
}

interface Running {
  readonly runtime: ReactRuntime<never>;
  readonly plain: Address;
  readonly web: Address;
  /** Has the thread crash that serves plain connections. */
  crash(): Promise<void>;
}

/** In one thread; and in two, one of which serves plain connections, and the other WebSockets. */
type Chatting = (
  use: (chat: Running) => Promise<void>,
  rooms?: number,
) => Promise<void>;

/** A chat that cannot take what is said of it. */
class FailingChat extends Chat {
  override onEvent(event: ChatEvent, thread: GuestThread): void {
    if (event.type === "line" && event.line === "fail") {
      throw new Error("told to");
    }
    super.onEvent(event, thread);
  }
}

const inOneThread: Chatting = (use, rooms = 10) =>
  withRuntime<never>(hostAdapter(), {}, async (runtime) => {
    const thread = { runtime, runtimeId: 0, threadCount: 1 };
    const [plain, web] = await Promise.all(
      [reactors.listeners.lines, reactors.listeners.web].map((make) =>
        runtime.listen(ANY_PORT, make({ rooms }, thread))
      ),
    );
    const crash = () => Promise.reject(new Error("there is no other thread"));
    await use({ runtime, plain: plain.address, web: web.address, crash });
  });

const inTwoThreads = (
  use: (chat: Running) => Promise<void>,
  rooms = 10,
): Promise<void> =>
  withRuntime<never>(hostAdapter(), {}, async (runtime) => {
    const threads = await ThreadedReactorMgr.start<typeof crashing>({
      ...shareHub(new FailingChat(rooms)),
      restart: true,
      threads: 2,
      module: moduleUrl("modules/chat"),
    });
    try {
      const [plain, web] = await Promise.all(
        ["lines", "web"].map((name, id) =>
          listenIn(threads.getCmdSender(id), name, { rooms })
        ),
      );
      await use({ runtime, plain, web, crash: () => threads.ask(0, "crash") });
    } finally {
      await threads.stop();
    }
  });

for (const [where, chatting] of Object.entries({ inOneThread, inTwoThreads })) {
  describe(`a chat ${where}`, () => {
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
        const ann = await Guest.enter(chat, "ann");
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
        const ann = await Guest.enter(chat, "ann");
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

    it("lists the names of as many as a line has room for, however long those are", () =>
      chatting(async (chat) => {
        const guests: Guest[] = [];
        for (let i = 10; i < 40; i++) {
          const guest = await Guest.enter(
            chat,
            `${i}${"\u{10428}".repeat(18)}`,
          );
          guests.push(guest);
        }
        const last = guests[guests.length - 1];
        await last.say("/who");
        await last.hears(/^\* Here: 10.* and \d+ more$/u);
        await Promise.all(guests.map((guest) => guest.leave()));
      }));

    it("closes who reads too slowly: the others are told, and the log", () =>
      chatting(async (chat) => {
        const lines: string[] = [];
        const before = setLogSink(({ parts }) => void lines.push(parts.join()));
        const ann = await Guest.enter(chat, "ann");
        await Guest.enter(chat, "bob", true);
        await ann.hears("* bob comes in");
        const text = "x".repeat(MAX_TEXT);
        // What bob does not read waits in the systems at both ends first.
        for (let left = false; !left;) {
          for (let i = 0; i < 100; i++) await ann.say(text);
          for (let i = 0; i < 100; i++) {
            left ||= await ann.next() !== `ann: ${text}`;
          }
        }
        setLogSink(before);
        // Other threads have logs of their own.
        if (chatting === inOneThread) {
          assert.match(lines.join(), /^Aborted .*: it is slow, \d+ bytes/);
        }
        await ann.leave();
      }));
  });
}

describe("a chat in two threads", () => {
  it("gives a name to one of all who want it at the same time", () =>
    inTwoThreads(async (chat) => {
      const guests = await Promise.all(
        Array.from(
          { length: 20 },
          (_, i) => Guest.come(chat, "ann", i % 2 > 0),
        ),
      );
      const heard = await Promise.all(guests.map((guest) => guest.next()));
      const won = heard.filter((line) => line.startsWith("* Hello ann."));
      assert.equal(won.length, 1);
      const lost = heard.filter((line) => line.startsWith("* ann is taken."));
      assert.equal(lost.length, 19);
      await Promise.all(guests.map((guest) => guest.leave()));
    }));

  it("brings what is said to all, each line once and in one order", () =>
    inTwoThreads(async (chat) => {
      const guests: Guest[] = [];
      for (const [i, name] of ["a", "b", "c", "d"].entries()) {
        const guest = await Guest.enter(chat, name, i % 2 > 0);
        for (const other of guests) await other.hears(`* ${name} comes in`);
        guests.push(guest);
      }
      const count = 300;
      await Promise.all(guests.map(async (guest) => {
        for (let i = 0; i < count; i++) await guest.say(`${i}`);
      }));
      const heard = await Promise.all(
        guests.map((guest) => guest.nextOf(guests.length * count)),
      );
      for (const lines of heard) assert.deepEqual(lines, heard[0]);
      for (const name of ["a", "b", "c", "d"]) {
        assert.deepEqual(
          heard[0].filter((line) => line.startsWith(`${name}: `)),
          Array.from({ length: count }, (_, i) => `${name}: ${i}`),
        );
      }
      for (const guest of guests) await guest.leave();
    }));

  it("goes on without those of a thread that has crashed, who may come back", () =>
    quietly(() =>
      inTwoThreads(async (chat) => {
        const bob = await Guest.enter(chat, "bob", true);
        const ann = await Guest.enter(chat, "ann");
        await bob.hears("* ann comes in");
        await ann.say("/join club");
        await bob.hears("* ann leaves");
        await Guest.enter(chat, "carl");
        await bob.hears("* carl comes in");
        await chat.crash();
        await bob.hears("* carl leaves");
        await bob.say("/rooms");
        await bob.hears("* Rooms: lobby");
        const again = await Guest.enter(chat, "ann", true);
        await bob.hears("* ann comes in");
        await Promise.all([bob, again].map((guest) => guest.leave()));
      })
    ));

  it("closes the connection of who is the cause of an error in it, and of nobody else", () =>
    quietly(() =>
      inTwoThreads(async (chat) => {
        const bob = await Guest.enter(chat, "bob", true);
        const ann = await Guest.enter(chat, "ann");
        const carl = await Guest.enter(chat, "carl");
        await bob.nextOf(2);
        await ann.hears("* carl comes in");
        await ann.say("fail");
        await ann.isClosed();
        await bob.hears("* ann leaves");
        await carl.hears("* ann leaves");
        await carl.say("hello");
        await bob.hears("carl: hello");
        await Promise.all([bob, carl].map((guest) => guest.leave()));
      })
    ));

  it("goes on without those of a thread that cannot do what it is to do", () =>
    quietly(() =>
      inTwoThreads(async (chat) => {
        const bob = await Guest.enter(chat, "bob", true);
        await Guest.enter(chat, "ann");
        await bob.hears("* ann comes in");
        await Guest.come(chat, UNSERVABLE);
        await bob.hears(`* ${UNSERVABLE} comes in`);
        const left = [await bob.next(), await bob.next()].sort();
        assert.deepEqual(left, ["* ann leaves", `* ${UNSERVABLE} leaves`]);
        const again = await Guest.enter(chat, "ann", true);
        await bob.hears("* ann comes in");
        await Promise.all([bob, again].map((guest) => guest.leave()));
      })
    ));
});
