import assert from "node:assert/strict";
import { describe } from "node:test";
import { MsgReader } from "../../src/io/msg_reader.ts";
import type { MsgSenderSettings } from "../../src/io/msg_sender.ts";
import type { SendCompletion } from "../../src/io/send_result.ts";
import { STAGE_SIZE } from "../../src/io/stage.ts";
import { MessageResult } from "../../src/message_result.ts";
import type { DispatchContext } from "../../src/reactor.ts";
import { freshBytes } from "./noise.ts";
import { type Draw, property } from "./property.ts";
import { WatchedPool } from "./watched_pool.ts";
import { type Then, WatchedSender } from "./watched_sender.ts";
import type { Room } from "./watched_socket.ts";

const NO_CONTEXT = undefined as unknown as DispatchContext;

/** What a handler sends of a message: all but `skip` bytes at its start and `omit` at its end. */
interface Reply {
  readonly to: number;
  readonly how: "slice" | "copy";
  readonly skip: number;
  readonly omit: number;
  readonly then: Then | undefined;
  readonly closes: boolean;
}

type Step =
  | {
    readonly do: "send";
    readonly to: number;
    readonly how: "queue" | "slice" | "no queue";
    readonly size: number;
    readonly then: Then | undefined;
  }
  /** Messages of these sizes come in one read, and are answered by these replies, over and over. */
  | {
    readonly do: "read";
    readonly sizes: readonly number[];
    readonly replies: readonly (readonly Reply[])[];
  }
  | { readonly do: "end turn" | "close" | "lose"; readonly to: number }
  | { readonly do: "become writable"; readonly to: number; readonly room: Room }
  | { readonly do: "read by another" };

interface Case extends MsgSenderSettings {
  readonly borrowsWrites: boolean;
  /** Connections: what their sockets take to begin with. */
  readonly rooms: readonly Room[];
  readonly steps: readonly Step[];
}

const MARKS = [4096, STAGE_SIZE, 16 * 1024, 64 * 1024, 256 * 1024];
const LARGEST = 300_000;

function drawRoom(draw: Draw, borrows: boolean): Room {
  const takes = draw.size(draw.pick([2000, LARGEST]), MARKS);
  const beyond = borrows && draw.chance(0.7) ? "borrows" : "is full";
  return { takes: draw.pick([Infinity, takes, 0]), beyond };
}

function drawThen(draw: Draw): Then | undefined {
  if (!draw.chance(0.4)) return undefined;
  return draw.pick(["nothing", "nothing", "nothing", "send", "throw", "close"]);
}

function drawReply(draw: Draw): Reply {
  return {
    to: draw.integer(0, 1),
    how: draw.pick(["slice", "slice", "slice", "copy"]),
    skip: draw.chance(0.3) ? draw.size(100) : 0,
    omit: draw.chance(0.3) ? draw.size(100) : 0,
    then: draw.chance(0.2) ? drawThen(draw) : undefined,
    closes: draw.chance(0.03),
  };
}

function drawStep(draw: Draw, borrows: boolean): Step {
  const to = draw.integer(0, 1);
  const choice = draw.integer(0, 99);
  if (choice < 35) {
    return {
      do: "send",
      to,
      how: draw.pick(["queue", "slice", "no queue"]),
      size: draw.size(LARGEST, MARKS),
      then: drawThen(draw),
    };
  }
  if (choice < 60) {
    const largest = draw.pick([10, 100, 1000, 10_000]);
    return {
      do: "read",
      sizes: draw.list(20, () => 1 + draw.size(largest, [STAGE_SIZE])),
      replies: draw.list(
        3,
        () => [drawReply(draw), ...draw.list(1, drawReply)],
      ),
    };
  }
  if (choice < 75) return { do: "end turn", to };
  if (choice < 94) {
    return { do: "become writable", to, room: drawRoom(draw, borrows) };
  }
  if (choice < 97) return { do: "read by another" };
  return { do: choice < 99 ? "close" : "lose", to };
}

function drawCase(draw: Draw): Case {
  const borrowsWrites = draw.chance(0.5);
  return {
    borrowsWrites,
    rooms: [drawRoom(draw, borrowsWrites), drawRoom(draw, borrowsWrites)],
    maxSendQueue: draw.pick([2 ** 26, 2 ** 26, 100, 20_000, LARGEST]),
    sendQueueOverflow: draw.pick(["close", "reject"]),
    sendHighWaterMark: draw.pick([2 ** 20, 0, 10, 5000, 70_000]),
    steps: draw.list(50, () => drawStep(draw, borrowsWrites)),
  };
}

/** Two connections, and what they read. */
class Scene {
  readonly pool = new WatchedPool();
  readonly senders: readonly WatchedSender[];
  readonly #reader: MsgReader;

  constructor(settings: Case) {
    this.senders = settings.rooms.map((room) =>
      new WatchedSender(this.pool, settings, settings.borrowsWrites, room)
    );
    this.#reader = new MsgReader(this.pool, {
      recvBufferMinSize: 1024,
      maxMessageSize: 2 ** 24,
    });
  }

  perform(step: Step): void {
    if (step.do === "read by another") return this.pool.readByAnother();
    if (step.do === "read") return this.#read(step.sizes, step.replies);
    const watched = this.senders[step.to];
    switch (step.do) {
      case "send":
        return this.#send(watched, step.how, freshBytes(step.size), step.then);
      case "end turn":
        return watched.endTurn();
      case "become writable":
        return watched.becomeWritable(step.room);
      case "close":
        return watched.close();
      case "lose":
        return watched.lose();
    }
  }

  #send(
    watched: WatchedSender,
    how: "queue" | "slice" | "no queue",
    bytes: Uint8Array,
    then: Then | undefined,
  ): void {
    const { sender } = watched;
    if (how === "queue") {
      watched.offer(bytes, then, (told) => sender.sendOrQueue(bytes, told));
    } else if (how === "no queue") {
      watched.sendNoQueue(bytes);
    } else {
      const start = bytes.length >> 2;
      const end = bytes.length - start;
      watched.offer(
        bytes.subarray(start, end),
        then,
        (told) => sender.sendSlice(bytes, start, end, told),
      );
    }
    bytes.fill(0xee); // they are the caller's again
  }

  #read(
    sizes: readonly number[],
    replies: readonly (readonly Reply[])[],
  ): void {
    const buffer = freshBytes(sizes.reduce((sum, size) => sum + size, 0));
    if (buffer.length === 0) return;
    let count = 0;
    this.#reader.receive(buffer, buffer.length);
    this.#reader.tryReadFastRead(NO_CONTEXT, (buf) => {
      const size = sizes[count];
      if (buf.length < size) return MessageResult.expectMsgSize(size);
      this.#reply(buf, size, replies[count++ % replies.length] ?? []);
      return MessageResult.dropMsgSize(size);
    });
    assert.equal(count, sizes.length);
    this.#reader.retain();
    buffer.fill(0xee);
  }

  #reply(buf: Uint8Array, size: number, replies: readonly Reply[]): void {
    let from = size;
    let to = 0;
    for (const reply of replies) {
      const { then } = reply;
      const watched = this.senders[reply.to];
      const { sender } = watched;
      const start = Math.min(size, reply.skip);
      const end = Math.max(start, size - reply.omit);
      const bytes = buf.subarray(start, end);
      if (reply.how === "copy") {
        watched.offer(bytes, then, (told) => sender.sendOrQueue(bytes, told));
      } else {
        const send = (told?: SendCompletion) =>
          sender.sendSlice(buf, start, end, told);
        watched.offer(bytes, then, send);
        from = Math.min(from, start);
        to = Math.max(to, end);
      }
      if (reply.closes) watched.close();
    }
    // What was not sent in place may be changed.
    buf.fill(0xee, 0, from).fill(0xee, to, size);
  }

  finish(): void {
    for (const watched of this.senders) watched.finish();
    const lent = this.senders.flatMap(({ socket }) => socket.lentForEver);
    assert.equal(this.pool.bytesTakenBut(lent), 0, "nothing leaks");
  }
}

describe("MsgSender", () => {
  property(
    "has every byte go out once and in order, and tells each completion once and in order, whatever is sent, read, taken, borrowed, closed and lost",
    { runs: 500 },
    drawCase,
    (settings) => {
      const scene = new Scene(settings);
      for (const step of settings.steps) scene.perform(step);
      scene.finish();
    },
  );
});
