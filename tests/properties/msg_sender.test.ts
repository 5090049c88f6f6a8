import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe } from "node:test";
import { SharedBuffer } from "../../src/toolkit/groups/shared_buffer.ts";
import type { InboundBuffer } from "../../src/io/inbound_buffer.ts";
import type { OutboundSettings } from "../../src/io/outbound_buffer.ts";
import type { SendCompletion } from "../../src/api/send_result.ts";
import { LARGE_CACHE_SIZE } from "../../src/tuning.ts";
import { MessageResult } from "../../src/api/message_result.ts";
import type { DispatchContext } from "../../src/api/reactor.ts";
import { newReader } from "../io/readers.ts";
import { freshBytes } from "./noise.ts";
import { type CaseDraw, property } from "./property.ts";
import { WatchedPool } from "./watched_pool.ts";
import { type Then, WatchedSender } from "./watched_sender.ts";
import { WatchedTarget } from "./watched_target.ts";
import type { Room } from "./watched_socket.ts";

const NO_CONTEXT = undefined as unknown as DispatchContext;

/** What a handler sends of a message: all but `skip` bytes at its start and `omit` at its end, in `pieces` pieces. */
interface Reply {
  readonly to: number;
  readonly how: "slice" | "copy";
  readonly skip: number;
  readonly omit: number;
  readonly pieces: number;
  readonly flushes: boolean;
  readonly then: Then | undefined;
  readonly closes: boolean;
}

/** Messages of these sizes, answered with these replies in rotation. */
interface ReadStep {
  readonly sizes: readonly number[];
  readonly replies: readonly (readonly Reply[])[];
}

type Step =
  | {
    readonly do: "send";
    readonly to: number;
    readonly how: "queue" | "slice" | "no queue";
    readonly size: number;
    readonly then: Then | undefined;
  }
  /** The same bytes to all, from one buffer. */
  | { readonly do: "share"; readonly size: number; readonly room: number }
  /** The messages come in one read, or in as many as the given buffers need. */
  | ReadStep & { readonly do: "read" }
  | ReadStep & {
    readonly do: "read into given";
    readonly mostAtOnce: number;
  }
  | { readonly do: "end turn" | "close" | "lose"; readonly to: number }
  | { readonly do: "become writable"; readonly to: number; readonly room: Room }
  | { readonly do: "read by another" };

type Handler = (buf: Uint8Array) => MessageResult;

function totalOf({ sizes }: ReadStep): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}

interface Case extends OutboundSettings {
  readonly borrowsWrites: boolean;
  /** How many reads have filled the buffer they were given, which makes the next buffers larger. */
  readonly countFilled: number;
  /** One entry per connection: how much its socket takes at first. */
  readonly rooms: readonly Room[];
  readonly steps: readonly Step[];
}

const MARKS = [4096, LARGE_CACHE_SIZE, 16 * 1024, 64 * 1024, 256 * 1024];
const LARGEST = 300_000;

function drawRoom(draw: CaseDraw, borrows: boolean): Room {
  const takes = draw.size(draw.pick([2000, LARGEST]), MARKS);
  const beyond = borrows && draw.chance(0.7) ? "borrows" : "is full";
  return { takes: draw.pick([Infinity, takes, 0]), beyond };
}

function drawThen(draw: CaseDraw): Then | undefined {
  if (!draw.chance(0.4)) return undefined;
  return draw.pick(["nothing", "nothing", "nothing", "send", "throw", "close"]);
}

function drawReply(draw: CaseDraw): Reply {
  return {
    to: draw.integer(0, 1),
    how: draw.pick(["slice", "slice", "slice", "copy"]),
    skip: draw.chance(0.3) ? draw.size(100) : 0,
    omit: draw.chance(0.3) ? draw.size(100) : 0,
    pieces: draw.pick([1, 1, 2, 3]),
    flushes: draw.chance(0.1),
    then: draw.chance(0.2) ? drawThen(draw) : undefined,
    closes: draw.chance(0.03),
  };
}

function drawReplies(draw: CaseDraw): Reply[][] {
  return draw.list(
    3,
    () => [drawReply(draw), ...draw.list(1, drawReply)],
  );
}

function drawStep(draw: CaseDraw, borrows: boolean): Step {
  const to = draw.integer(0, 1);
  const choice = draw.integer(0, 99);
  if (choice < 8) {
    return {
      do: "share",
      size: 1 + draw.size(draw.pick([100, LARGEST]), MARKS),
      room: draw.pick([4096, 64 * 1024]),
    };
  }
  if (choice < 30) {
    return {
      do: "send",
      to,
      how: draw.pick(["queue", "slice", "no queue"]),
      size: draw.size(LARGEST, MARKS),
      then: drawThen(draw),
    };
  }
  if (choice < 54) {
    const largest = draw.pick([10, 100, 1000, 10_000]);
    return {
      do: "read",
      sizes: draw.list(20, () => 1 + draw.size(largest, [LARGE_CACHE_SIZE])),
      replies: drawReplies(draw),
    };
  }
  if (choice < 68) {
    const largest = draw.pick([10_000, 20_000, 30_000, 1000]);
    return {
      do: "read into given",
      mostAtOnce: draw.pick([15_000, 30_000, 60_000]),
      sizes: draw.list(
        10,
        () => draw.chance(0.5) ? largest : 1 + draw.size(largest),
      ),
      replies: drawReplies(draw),
    };
  }
  if (choice < 79) return { do: "end turn", to };
  if (choice < 95) {
    return { do: "become writable", to, room: drawRoom(draw, borrows) };
  }
  if (choice < 97) return { do: "read by another" };
  return { do: choice < 99 ? "close" : "lose", to };
}

function drawCase(draw: CaseDraw): Case {
  const borrowsWrites = draw.chance(0.5);
  return {
    borrowsWrites,
    countFilled: draw.integer(0, 3),
    rooms: [drawRoom(draw, borrowsWrites), drawRoom(draw, borrowsWrites)],
    maxSendQueue: draw.pick([2 ** 26, 2 ** 26, 100, 20_000, LARGEST]),
    sendQueueOverflow: draw.pick(["close", "reject"]),
    sendHighWaterMark: draw.pick([2 ** 20, 0, 10, 5000, 70_000]),
    steps: draw.list(50, () => drawStep(draw, borrowsWrites)),
  };
}

/** Two connections, and what they read. */
class Fixture {
  readonly pool = new WatchedPool();
  readonly senders: readonly WatchedSender[];
  readonly #reader: InboundBuffer;
  /** The reader of a connection whose socket reads into given buffers. */
  readonly #givenReader: InboundBuffer;
  readonly #target: WatchedTarget;
  #shared: SharedBuffer | undefined = undefined;

  constructor(settings: Case) {
    this.senders = settings.rooms.map((room) =>
      new WatchedSender(this.pool, settings, settings.borrowsWrites, room)
    );
    this.#reader = newReader({}, this.pool);
    this.#givenReader = newReader({}, this.pool);
    this.#target = new WatchedTarget(this.#givenReader, this.pool);
    for (let i = 0; i < settings.countFilled; i++) this.#fillGiven();
  }

  perform(step: Step): void {
    if (step.do === "read by another") return this.pool.readByAnother();
    if (step.do === "read") return this.#read(step);
    if (step.do === "read into given") {
      return this.#readIntoGiven(step, step.mostAtOnce);
    }
    if (step.do === "share") return this.#share(step.size, step.room);
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
    bytes.fill(0xee); // the caller may reuse them
  }

  /** As a group does. */
  #share(size: number, room: number): void {
    const bytes = freshBytes(size);
    const copy = bytes.slice();
    const messages = this.#written(bytes, room);
    bytes.fill(0xee); // the caller may reuse them
    for (const watched of this.senders) {
      const { sender } = watched;
      watched.offer(copy, undefined, () => sender.sendShared(messages));
    }
    messages.release();
  }

  #written(bytes: Uint8Array, room: number): SharedBuffer {
    const last = this.#shared;
    if (last?.reuse()) {
      if (last.write(bytes, bytes.length)) return last;
      last.release();
    }
    const [{ sender }] = this.senders;
    const messages = new SharedBuffer(
      sender.pool,
      Math.max(bytes.length, room),
    );
    assert.ok(messages.write(bytes, bytes.length));
    return this.#shared = messages;
  }

  #read(step: ReadStep): void {
    const bytes = freshBytes(totalOf(step));
    if (bytes.length === 0) return;
    const buffer = bytes.slice();
    const handler = this.#handlerOf(step, bytes);
    this.#reader.receive(buffer, buffer.length);
    this.#reader.tryReadFastRead(NO_CONTEXT, handler);
    this.#reader.retain();
    buffer.fill(0xee);
    assert.equal(this.#reader.bytesBuffered, 0);
  }

  #fillGiven(): void {
    const { buffer } = this.#target.read(new Uint8Array(2 ** 17));
    this.#givenReader.receive(buffer, buffer.length);
    this.#givenReader.clear();
    this.#givenReader.retain();
  }

  /** The socket asks for memory as soon as it has reported a read. */
  #readIntoGiven(step: ReadStep, mostAtOnce: number): void {
    const bytes = freshBytes(totalOf(step));
    const handler = this.#handlerOf(step, bytes);
    const reader = this.#givenReader;
    for (let rest = bytes; rest.length > 0;) {
      const { buffer, chunk } = this.#target.read(
        rest.subarray(0, mostAtOnce),
      );
      rest = rest.subarray(chunk.length);
      reader.receive(buffer, chunk.length);
      reader.tryReadFastRead(NO_CONTEXT, handler);
      reader.retain();
      this.#target.ask();
    }
    assert.equal(reader.bytesBuffered, 0);
  }

  /** Receives the messages of `bytes`, in order. */
  #handlerOf({ sizes, replies }: ReadStep, bytes: Uint8Array): Handler {
    let count = 0;
    let position = 0;
    return (buf) => {
      const size = sizes[count];
      if (buf.length < size) return MessageResult.expectMsgSize(size);
      const expected = bytes.subarray(position, position += size);
      assert.ok(
        Buffer.compare(buf.subarray(0, size), expected) === 0,
        "nobody has changed what was read",
      );
      this.#reply(buf, size, replies[count++ % replies.length] ?? []);
      return MessageResult.dropMsgSize(size);
    };
  }

  #reply(buf: Uint8Array, size: number, replies: readonly Reply[]): void {
    let from = size;
    let to = 0;
    for (const reply of replies) {
      const start = Math.min(size, reply.skip);
      const end = Math.max(start, size - reply.omit);
      const pieceSize = Math.ceil((end - start) / reply.pieces);
      for (let at = start; at < end; at += pieceSize) {
        this.#sendPart(buf, at, Math.min(at + pieceSize, end), reply);
      }
      if (reply.how === "slice") {
        from = Math.min(from, start);
        to = Math.max(to, end);
      }
      if (reply.flushes) this.senders[reply.to].flushEarly();
      if (reply.closes) this.senders[reply.to].close();
    }
    // What was not sent in place may be overwritten.
    buf.fill(0xee, 0, from).fill(0xee, to, size);
  }

  #sendPart(
    buf: Uint8Array,
    start: number,
    end: number,
    { to, how, then }: Reply,
  ): void {
    const watched = this.senders[to];
    const { sender } = watched;
    const bytes = buf.subarray(start, end);
    const send = how === "copy"
      ? (told?: SendCompletion) => sender.sendOrQueue(bytes, told)
      : (told?: SendCompletion) => sender.sendSlice(buf, start, end, told);
    watched.offer(bytes, then, send);
  }

  finish(): void {
    for (const watched of this.senders) watched.finish();
    const borrowed = this.senders.flatMap(({ socket }) =>
      socket.borrowedForEver
    );
    this.#target.ask();
    const spared = [...borrowed, ...this.#target.spared];
    assert.equal(this.pool.bytesTakenBut(spared), 0, "nothing leaks");
    assert.equal(this.pool.bytesHeld, 0, "nothing is counted that is not held");
  }
}

describe("MsgSender", () => {
  property(
    "has every byte go out once and in order, and tells each completion once and in order, whatever is sent, read, taken, borrowed, closed and lost",
    { runs: 500, seed: 1500 },
    drawCase,
    (settings) => {
      const fixture = new Fixture(settings);
      for (const step of settings.steps) fixture.perform(step);
      fixture.finish();
    },
  );
});
