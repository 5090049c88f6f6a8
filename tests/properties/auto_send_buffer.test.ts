import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe } from "node:test";
import type { AutoSendBuffer } from "../../src/api/auto_send_buffer.ts";
import {
  AutoSendBufferDisposedError,
  InvalidSliceError,
  SendQueueFullError,
} from "../../src/api/errors.ts";
import { EMPTY } from "../../src/util/empty.ts";
import type { SendCompletion } from "../../src/api/send_result.ts";
import { freshBytes } from "./noise.ts";
import { type CaseDraw, property } from "./property.ts";
import { WatchedPool } from "./watched_pool.ts";
import { type Then, WatchedSender } from "./watched_sender.ts";
import { BORROWS_ALL, type Room, TAKES_ALL } from "./watched_socket.ts";

/** Characters of one to four bytes in UTF-8, and a lone surrogate. */
const CHARACTERS = ["a", "é", "€", "😀", "\ud800"];

type Step =
  | { readonly do: "open" | "clear" | "dispose"; readonly which: number }
  | { readonly do: "write"; readonly which: number; readonly data: Data }
  | {
    readonly do: "write prefixed";
    readonly which: number;
    readonly text: string;
  }
  | { readonly do: "write part"; readonly which: number; readonly part: Part }
  | {
    readonly do: "write number";
    readonly which: number;
    readonly number: NumberToWrite;
  }
  | {
    readonly do: "set number";
    readonly which: number;
    readonly at: number;
    readonly number: NumberToWrite;
  }
  | { readonly do: "truncate"; readonly which: number; readonly size: number }
  | {
    readonly do: "send";
    readonly which: number;
    readonly then: Then | undefined;
  }
  | { readonly do: "send other bytes"; readonly size: number }
  | { readonly do: "become writable"; readonly room: Room }
  | { readonly do: "end turn" | "close" | "lose" };

/** A number of bytes, or a text. */
type Data = number | string;

/** `size` bytes of a view, surrounded by others. */
interface Part {
  readonly before: number;
  readonly size: number;
  readonly behind: number;
}

/** How a `DataView` writes each type of number. */
const NUMBERS = {
  Uint8: { size: 1, set: (view: DataView, n: number) => view.setUint8(0, n) },
  Uint16: {
    size: 2,
    set: (view: DataView, n: number, le?: boolean) => view.setUint16(0, n, le),
  },
  Uint24: {
    size: 3,
    set(view: DataView, n: number, le?: boolean) {
      view.setUint8(le ? 2 : 0, n >>> 16);
      view.setUint16(le ? 0 : 1, n, le);
    },
  },
  Uint32: {
    size: 4,
    set: (view: DataView, n: number, le?: boolean) => view.setUint32(0, n, le),
  },
  BigUint64: {
    size: 8,
    set: (view: DataView, n: number, le?: boolean) =>
      view.setBigUint64(0, BigInt(Math.trunc(n)), le),
  },
  Float32: {
    size: 4,
    set: (view: DataView, n: number, le?: boolean) => view.setFloat32(0, n, le),
  },
  Float64: {
    size: 8,
    set: (view: DataView, n: number, le?: boolean) => view.setFloat64(0, n, le),
  },
} as const;

const NAMES = Object.keys(NUMBERS) as (keyof typeof NUMBERS)[];

const VALUES = [
  0,
  1,
  -1,
  0x7f,
  0x80,
  0x1234,
  -2,
  2 ** 31,
  0x1234_5678,
  2 ** 32,
];

interface NumberToWrite {
  readonly name: keyof typeof NUMBERS;
  readonly value: number;
  readonly littleEndian: boolean | undefined;
}

function bytesOfNumber(number: NumberToWrite): Uint8Array {
  const { size, set } = NUMBERS[number.name];
  const view = new DataView(new ArrayBuffer(size));
  set(view, number.value, number.littleEndian);
  return new Uint8Array(view.buffer);
}

interface Case {
  readonly borrowsWrites: boolean;
  readonly maxSendQueue: number;
  readonly sendQueueOverflow: "close" | "reject";
  /** `getWritten` is checked after every this many steps. */
  readonly stepsToLook: number;
  readonly steps: readonly Step[];
}

const MARKS = [4096, 16 * 1024, 64 * 1024];

function drawData(draw: CaseDraw): Data {
  if (draw.chance(0.7)) return draw.size(100_000, MARKS);
  const text = draw.list(10, () => draw.pick(CHARACTERS)).join("");
  return text.repeat(1 + draw.size(500));
}

function drawNumber(draw: CaseDraw): NumberToWrite {
  return {
    name: draw.pick(NAMES),
    value: draw.chance(0.7) ? draw.pick(VALUES) : draw.size(2 ** 30) / 7,
    littleEndian: draw.pick([undefined, true, false]),
  };
}

function drawStep(draw: CaseDraw, borrows: boolean): Step {
  const which = draw.integer(0, 2);
  const choice = draw.integer(0, 99);
  if (choice < 20) {
    const data = drawData(draw);
    return typeof data === "string" && draw.chance(0.5)
      ? { do: "write prefixed", which, text: data }
      : { do: "write", which, data };
  }
  if (choice < 28) {
    const part = {
      before: draw.size(9000),
      size: draw.size(9000, MARKS),
      behind: draw.size(9000),
    };
    return { do: "write part", which, part };
  }
  if (choice < 36) {
    return { do: "write number", which, number: drawNumber(draw) };
  }
  if (choice < 40) {
    const at = draw.size(5000);
    return { do: "set number", which, at, number: drawNumber(draw) };
  }
  if (choice < 55) return { do: "open", which };
  if (choice < 65) {
    const then = draw.chance(0.5)
      ? draw.pick<Then>(["nothing", "send"])
      : undefined;
    return { do: "send", which, then };
  }
  if (choice < 75) return { do: "dispose", which };
  if (choice < 77) return { do: "clear", which };
  if (choice < 79) return { do: "truncate", which, size: draw.size(5000) };
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

function drawCase(draw: CaseDraw): Case {
  const borrowsWrites = draw.chance(0.5);
  return {
    borrowsWrites,
    maxSendQueue: draw.pick([2 ** 26, 2 ** 26, 1000, 100_000]),
    sendQueueOverflow: draw.pick(["close", "reject"]),
    stepsToLook: draw.pick([1, 3, 100]),
    steps: draw.list(40, () => drawStep(draw, borrowsWrites)),
  };
}

/** A buffer, and its expected content. */
class Open {
  readonly buffer: AutoSendBuffer;
  readonly #watched: WatchedSender;
  readonly #maxSendQueue: number;
  #content = EMPTY;
  isDisposed = false;

  constructor(watched: WatchedSender, maxSendQueue: number) {
    this.#watched = watched;
    this.#maxSendQueue = maxSendQueue;
    this.buffer = watched.sender.acquireSend();
  }

  /** Makes `write` write `bytes`, and checks the result. */
  write(bytes: Uint8Array, write: () => number | void): void {
    if (this.isDisposed) {
      assert.throws(write, AutoSendBufferDisposedError);
    } else if (this.#content.length + bytes.length > this.#maxSendQueue) {
      assert.throws(write, SendQueueFullError);
    } else {
      assert.equal(write() ?? bytes.length, bytes.length);
      this.#content = new Uint8Array(Buffer.concat([this.#content, bytes]));
    }
  }

  writeNumber(number: NumberToWrite): void {
    const { name, value, littleEndian } = number;
    this.write(bytesOfNumber(number), () => {
      if (name === "Uint8") return this.buffer.writeUint8(value);
      if (name === "BigUint64") {
        const big = BigInt(Math.trunc(value));
        return this.buffer.writeBigUint64(big, littleEndian);
      }
      this.buffer[`write${name}`](value, littleEndian);
    });
  }

  setNumber(at: number, number: NumberToWrite): void {
    const { name, value, littleEndian } = number;
    if (name !== "Uint8" && name !== "Uint16" && name !== "Uint32") return;
    const set = () => this.buffer[`set${name}`](at, value, littleEndian);
    const bytes = bytesOfNumber(number);
    if (this.isDisposed) {
      assert.throws(set, AutoSendBufferDisposedError);
    } else if (at + bytes.length > this.#content.length) {
      assert.throws(set, InvalidSliceError);
    } else {
      set();
      this.#content.set(bytes, at);
    }
  }

  clear(): void {
    this.buffer.clear();
    this.#content = EMPTY;
  }

  truncate(size: number): void {
    const truncate = () => this.buffer.truncate(size);
    if (this.isDisposed) {
      assert.throws(truncate, AutoSendBufferDisposedError);
    } else if (size > this.#content.length) {
      assert.throws(truncate, InvalidSliceError);
    } else {
      truncate();
      this.#content = this.#content.slice(0, size);
    }
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
    dispose(); // has no effect
  }

  check(looks: boolean): void {
    assert.equal(this.buffer.bytesWritten, this.#content.length);
    if (!looks) return; // checking makes the buffer leave the queue
    const written = this.buffer.getWritten();
    assert.ok(Buffer.compare(written, this.#content) === 0, "getWritten");
  }
}

/** Buffers of one connection, all open at once. */
class Fixture {
  readonly pool = new WatchedPool();
  readonly watched: WatchedSender;
  readonly #settings: Case;
  readonly #open: Open[];
  #countSteps = 0;

  constructor(settings: Case) {
    this.#settings = settings;
    const room = settings.borrowsWrites ? BORROWS_ALL : TAKES_ALL;
    this.watched = new WatchedSender(
      this.pool,
      { ...settings, sendHighWaterMark: 2 ** 20 },
      settings.borrowsWrites,
      room,
    );
    this.#open = [0, 1, 2].map(() => this.#acquire());
  }

  #acquire(): Open {
    return new Open(this.watched, this.#settings.maxSendQueue);
  }

  perform(step: Step): void {
    const { sender } = this.watched;
    switch (step.do) {
      case "open":
        this.#open[step.which].dispose();
        // A reused buffer must no longer be touched by its former user.
        this.#open.forEach((open, which) => {
          if (open.isDisposed) this.#open[which] = this.#acquire();
        });
        break;
      case "write": {
        const open = this.#open[step.which];
        const { data } = step;
        if (typeof data === "string") {
          open.write(Buffer.from(data), () => open.buffer.writeText(data));
        } else {
          const bytes = freshBytes(data);
          open.write(bytes, () => open.buffer.write(bytes));
          bytes.fill(0xee); // the caller may reuse them
        }
        break;
      }
      case "write prefixed": {
        const open = this.#open[step.which];
        const { text } = step;
        const bytes = Buffer.from(text);
        const size = bytesOfNumber({
          name: "Uint32",
          value: bytes.length,
          littleEndian: true,
        });
        open.write(
          Buffer.concat([size, bytes]),
          () => open.buffer.writePrefixedText(text, 4, true),
        );
        break;
      }
      case "write part": {
        const open = this.#open[step.which];
        const { before, size, behind } = step.part;
        const end = before + size;
        const bytes = freshBytes(end + behind);
        open.write(
          bytes.slice(before, end),
          () =>
            behind === 0
              ? open.buffer.write(bytes, before)
              : open.buffer.write(bytes, before, end),
        );
        bytes.fill(0xee);
        break;
      }
      case "write number":
        this.#open[step.which].writeNumber(step.number);
        break;
      case "set number":
        this.#open[step.which].setNumber(step.at, step.number);
        break;
      case "truncate":
        this.#open[step.which].truncate(step.size);
        break;
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
    this.#countSteps++;
    const looks = this.#countSteps % this.#settings.stepsToLook === 0;
    for (const open of this.#open) open.check(looks);
  }

  finish(): void {
    for (const open of this.#open) open.dispose();
    this.watched.finish();
    const { borrowedForEver } = this.watched.socket;
    assert.equal(this.pool.bytesTakenBut(borrowedForEver), 0, "nothing leaks");
    assert.equal(this.pool.bytesHeld, 0, "nor is anything counted");
  }
}

describe("AutoSendBuffer", () => {
  property(
    "sends what was written as one, bytes, texts and numbers, each buffer by itself, and leaves nothing behind, however it ends",
    {},
    drawCase,
    (settings) => {
      const fixture = new Fixture(settings);
      for (const step of settings.steps) fixture.perform(step);
      fixture.finish();
    },
  );
});
