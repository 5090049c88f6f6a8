import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe } from "node:test";
import { AutoSendBufferDisposedError } from "../../src/api/errors.ts";
import { AutoSendBuffer } from "../../src/io/auto_send_buffer.ts";
import { EMPTY } from "../../src/io/empty.ts";
import type { SendCompletion } from "../../src/api/send_result.ts";
import { freshBytes } from "./noise.ts";
import { type Draw, property } from "./property.ts";
import { WatchedPool } from "./watched_pool.ts";
import { type Then, WatchedSender } from "./watched_sender.ts";
import { BORROWS_ALL, type Room, TAKES_ALL } from "./watched_socket.ts";

/** Of one byte to four in UTF-8, and one that is no character by itself. */
const CHARACTERS = ["a", "é", "€", "😀", "\ud800"];

type Step =
  | { readonly do: "open" | "clear" | "dispose"; readonly which: number }
  | { readonly do: "write"; readonly which: number; readonly data: Data }
  | {
    readonly do: "send";
    readonly which: number;
    readonly then: Then | undefined;
  }
  | { readonly do: "send other bytes"; readonly size: number }
  | { readonly do: "become writable"; readonly room: Room }
  | { readonly do: "end turn" | "close" | "lose" };

/** So many bytes, or a text. */
type Data = number | string;

interface Case {
  readonly borrowsWrites: boolean;
  readonly maxSendQueue: number;
  readonly sendQueueOverflow: "close" | "reject";
  readonly steps: readonly Step[];
}

const MARKS = [4096, 16 * 1024, 64 * 1024];

function drawData(draw: Draw): Data {
  if (draw.chance(0.7)) return draw.size(100_000, MARKS);
  const text = draw.list(10, () => draw.pick(CHARACTERS)).join("");
  return text.repeat(1 + draw.size(500));
}

function drawStep(draw: Draw, borrows: boolean): Step {
  const which = draw.integer(0, 2);
  const choice = draw.integer(0, 99);
  if (choice < 40) return { do: "write", which, data: drawData(draw) };
  if (choice < 55) return { do: "open", which };
  if (choice < 65) {
    const then = draw.chance(0.5)
      ? draw.pick<Then>(["nothing", "send"])
      : undefined;
    return { do: "send", which, then };
  }
  if (choice < 75) return { do: "dispose", which };
  if (choice < 78) return { do: "clear", which };
  if (choice < 83) return { do: "send other bytes", size: draw.size(20_000) };
  if (choice < 90) return { do: "end turn" };
  if (choice < 98) {
    const room = draw.size(100_000);
    return {
      do: "become writable",
      room: {
        takes: draw.pick([Infinity, room, 0]),
        beyond: borrows ? "borrows" : "is full",
      },
    };
  }
  return { do: draw.pick(["close", "lose"]) };
}

function drawCase(draw: Draw): Case {
  const borrowsWrites = draw.chance(0.5);
  return {
    borrowsWrites,
    maxSendQueue: draw.pick([2 ** 26, 2 ** 26, 1000, 100_000]),
    sendQueueOverflow: draw.pick(["close", "reject"]),
    steps: draw.list(40, () => drawStep(draw, borrowsWrites)),
  };
}

/** A buffer, and what it has to hold. */
class Open {
  readonly buffer: AutoSendBuffer;
  readonly #watched: WatchedSender;
  #content = EMPTY;
  isDisposed = false;

  constructor(watched: WatchedSender, pool: WatchedPool) {
    this.#watched = watched;
    this.buffer = new AutoSendBuffer(watched.sender, pool);
  }

  write(data: Uint8Array | string): void {
    const write = () => this.buffer.write(data);
    if (this.isDisposed) {
      assert.throws(write, AutoSendBufferDisposedError);
      return;
    }
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    assert.equal(write(), bytes.length);
    this.#content = new Uint8Array(Buffer.concat([this.#content, bytes]));
  }

  clear(): void {
    this.buffer.clear();
    this.#content = EMPTY;
  }

  send(then: Then | undefined): void {
    const send = (told?: SendCompletion) => this.buffer.send(told);
    const isRejected = !this.#watched.offer(this.#content, then, send);
    if (!isRejected) this.#content = EMPTY;
  }

  dispose(): void {
    this.isDisposed = true;
    const dispose = () => this.buffer[Symbol.dispose]();
    if (this.#content.length > 0) {
      this.#watched.offer(this.#content, undefined, dispose);
      this.#content = EMPTY;
    }
    dispose(); // does nothing more
  }

  check(): void {
    assert.equal(this.buffer.bytesWritten, this.#content.length);
    const written = this.buffer.getWritten();
    assert.ok(Buffer.compare(written, this.#content) === 0, "getWritten");
  }
}

/** Buffers of one connection, all open at once. */
class Fixture {
  readonly pool = new WatchedPool();
  readonly watched: WatchedSender;
  readonly #open: Open[];

  constructor(settings: Case) {
    const room = settings.borrowsWrites ? BORROWS_ALL : TAKES_ALL;
    this.watched = new WatchedSender(
      this.pool,
      { ...settings, sendHighWaterMark: 2 ** 20 },
      settings.borrowsWrites,
      room,
    );
    this.#open = [0, 1, 2].map(() => new Open(this.watched, this.pool));
  }

  perform(step: Step): void {
    const { sender } = this.watched;
    switch (step.do) {
      case "open":
        this.#open[step.which].dispose();
        this.#open[step.which] = new Open(this.watched, this.pool);
        break;
      case "write": {
        const { data } = step;
        const bytes = typeof data === "number" ? freshBytes(data) : data;
        this.#open[step.which].write(bytes);
        if (typeof bytes !== "string") bytes.fill(0xee); // the caller's again
        break;
      }
      case "send":
        this.#open[step.which].send(step.then);
        break;
      case "dispose":
      case "clear":
        this.#open[step.which][step.do]();
        break;
      case "send other bytes": {
        const bytes = freshBytes(step.size);
        this.watched.offer(bytes, undefined, () => sender.sendOrQueue(bytes));
        break;
      }
      case "become writable":
        this.watched.becomeWritable(step.room);
        break;
      case "end turn":
        this.watched.endTurn();
        break;
      case "close":
        this.watched.close();
        break;
      case "lose":
        this.watched.lose();
        break;
    }
    for (const open of this.#open) open.check();
  }

  finish(): void {
    for (const open of this.#open) open.dispose();
    this.watched.finish();
    const { lentForEver } = this.watched.socket;
    assert.equal(this.pool.bytesTakenBut(lentForEver), 0, "nothing leaks");
  }
}

describe("AutoSendBuffer", () => {
  property(
    "sends what was written as one, each buffer by itself, and leaves nothing behind, however it ends",
    {},
    drawCase,
    (settings) => {
      const fixture = new Fixture(settings);
      for (const step of settings.steps) fixture.perform(step);
      fixture.finish();
    },
  );
});
