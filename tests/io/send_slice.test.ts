import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { BORROWED } from "../../src/contract/socket.ts";
import { InvalidSliceError } from "../../src/api/errors.ts";
import type { InboundBuffer } from "../../src/io/inbound_buffer.ts";
import { SendOrQueueResult } from "../../src/api/send_result.ts";
import { MessageResult } from "../../src/api/message_result.ts";
import type { DispatchContext } from "../../src/api/reactor.ts";
import { newReader } from "./readers.ts";
import {
  borrow,
  ScriptedSender,
  takeAll,
  takeNothing,
} from "./scripted_sender.ts";

const NO_CONTEXT = undefined as unknown as DispatchContext;

/** Lays `bytes` out as a read. */
function layOut(fixture: ScriptedSender, bytes: Uint8Array): void {
  const { readContext } = fixture.pool;
  readContext.beginRead(fixture, bytes, bytes.length);
  readContext.load(bytes.length, undefined);
}

/** What a handler is given that has `left` bytes of the read in front of it. */
function inbound(fixture: ScriptedSender, left: number): Uint8Array {
  return fixture.pool.readContext.show(left);
}

describe("MsgSender.sendSlice", () => {
  it("writes adjacent slices of a read together, in place where the socket copies", () => {
    const fixture = new ScriptedSender(takeAll);
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6);
    layOut(fixture, bytes);
    for (let left = 6; left > 0; left -= 2) {
      fixture.sender.sendSlice(inbound(fixture, left), 0, 2);
    }
    fixture.sender.flush();
    assert.deepEqual(fixture.socket.received, [...bytes]);
    assert.equal(fixture.socket.countWrites, 1);
    assert.equal(fixture.pool.bytesKept, 0, "no buffer was needed");
  });

  it("writes copied headers and slices of a read together", () => {
    for (const borrows of [false, true]) {
      const fixture = new ScriptedSender(borrows ? borrow : takeAll, borrows);
      layOut(fixture, Uint8Array.of(1, 2, 3, 4));
      for (let left = 4; left > 0; left--) {
        fixture.sender.sendOrQueue(Uint8Array.of(9));
        fixture.sender.sendSlice(inbound(fixture, left), 0, 1);
      }
      fixture.sender.flush();
      fixture.drain();
      assert.deepEqual(fixture.socket.received, [9, 1, 9, 2, 9, 3, 9, 4]);
      assert.equal(fixture.socket.countWrites, 1);
    }
  });

  it("goes on after a flush in the middle of a read, whether the socket took all, a part or nothing, or borrows", () => {
    for (const first of [2, 1, 0, BORROWED]) {
      const decisions = [first];
      const fixture = new ScriptedSender(
        (size) => decisions.pop() ?? size,
        first === BORROWED,
      );
      const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6);
      layOut(fixture, bytes);
      fixture.sender.sendSlice(inbound(fixture, 6), 0, 2);
      fixture.sender.flush();
      fixture.sender.sendSlice(inbound(fixture, 4), 0, 2);
      fixture.sender.sendSlice(inbound(fixture, 2), 0, 2);
      layOut(fixture, new Uint8Array(6).fill(7));
      fixture.drain();
      assert.deepEqual(fixture.socket.received, [...bytes]);
      assert.equal(fixture.sender.bytesSent, 6);
      assert.equal(fixture.sender.bytesQueued, 0);
    }
  });

  it("has the socket borrow a copy, never what the next read overwrites", () => {
    const fixture = new ScriptedSender(borrow, true);
    layOut(fixture, Uint8Array.of(1, 2, 3));
    fixture.sender.sendSlice(inbound(fixture, 3), 0, 3);
    fixture.sender.flush();
    layOut(fixture, Uint8Array.of(7, 7, 7));
    fixture.drain();
    assert.deepEqual(fixture.socket.received, [1, 2, 3]);
  });

  it("copies for all but the first connection that sends of one read", () => {
    const first = new ScriptedSender(takeAll);
    const second = new ScriptedSender(takeAll, false, {}, first.pool);
    layOut(first, Uint8Array.of(1, 2, 3));
    first.sender.sendSlice(inbound(first, 3), 0, 3);
    second.sender.sendSlice(inbound(first, 3), 1, 3);
    layOut(first, Uint8Array.of(7, 7, 7));
    first.sender.flush();
    second.sender.flush();
    assert.deepEqual(first.socket.received, [1, 2, 3]);
    assert.deepEqual(second.socket.received, [2, 3]);
  });

  it("sends nothing more once it is closed, neither what would be a slice range nor what would extend one", () => {
    for (const countSent of [0, 1]) {
      const fixture = new ScriptedSender(takeAll);
      layOut(fixture, Uint8Array.of(1, 2));
      fixture.sender.sendSlice(inbound(fixture, 2), 0, countSent);
      fixture.sender.close();
      assert.equal(
        fixture.sender.sendSlice(inbound(fixture, 1), 0, 1),
        SendOrQueueResult.Closed,
      );
      fixture.sender.flush();
      assert.deepEqual(fixture.socket.received, [1].slice(0, countSent));
    }
  });

  it("fails if the buffer was transferred away by the end of the turn, and harms no other connection", () => {
    for (const borrows of [false, true]) {
      const decide = borrows ? borrow : takeAll;
      const fixture = new ScriptedSender(decide, borrows);
      layOut(fixture, Uint8Array.of(1, 2, 3));
      const buf = inbound(fixture, 3);
      fixture.sender.sendSlice(buf, 0, 3);
      const buffer = buf.buffer as ArrayBuffer;
      structuredClone(buffer, { transfer: [buffer] });
      fixture.sender.sendOrQueue(Uint8Array.of(4));
      const other = new ScriptedSender(decide, borrows, {}, fixture.pool);
      layOut(other, Uint8Array.of(7, 8));
      other.sender.sendSlice(inbound(other, 2), 0, 2);
      other.sender.flush();
      other.drain();
      assert.deepEqual(other.socket.received, [7, 8]);
      fixture.sender.flush();
      assert.ok(fixture.failures[0] instanceof InvalidSliceError);
      assert.equal(fixture.socket.countWrites, 0);
    }
  });

  it("refuses what is not within the message that is being handled, though more of the buffer of the read comes behind it", () => {
    const read = new Uint8Array(100).fill(9).fill(1, 0, 20);
    for (const isExtended of [false, true]) {
      const fixture = new ScriptedSender(takeAll);
      const { readContext } = fixture.pool;
      readContext.beginRead(fixture, read, 20);
      let buf = read.subarray(0, 20);
      readContext.showInPlace(buf, buf.length);
      if (isExtended) {
        fixture.sender.sendSlice(buf, 0, 10);
        readContext.pos = 10;
        buf = read.subarray(10, 20);
        readContext.showInPlace(buf, buf.length);
      }
      const end = buf.length + 1;
      assert.throws(
        () => fixture.sender.sendSlice(buf, 0, end),
        InvalidSliceError,
      );
      fixture.sender.sendSlice(buf, 0, end - 1);
      fixture.sender.flush();
      assert.deepEqual(fixture.socket.received, Array(20).fill(1));
    }
  });

  it("refuses what is not within the bytes with InvalidSliceError, and sends nothing", () => {
    const fixture = new ScriptedSender(takeAll);
    const bytes = new Uint8Array(4);
    const outside = [[-1, 2], [3, 2], [0, 5], [NaN, 2], [0, NaN]];
    for (const [start, end] of [...outside, [0.5, 2], [0, 1.5]]) {
      assert.throws(
        () =>
          fixture.sender.sendSlice(
            bytes,
            start,
            end,
            () => assert.fail("told"),
          ),
        (error) =>
          error instanceof InvalidSliceError &&
          error.message.includes(`${start} to ${end}`),
      );
    }
    assert.equal(fixture.sender.bytesQueued, 0);
    assert.equal(fixture.sender.pendingCount, 0);
    layOut(fixture, bytes);
    fixture.sender.sendSlice(inbound(fixture, 4), 0, 1);
    assert.throws(
      () => fixture.sender.sendSlice(inbound(fixture, 3), 0, 1.5),
      InvalidSliceError,
    );
    assert.equal(fixture.sender.bytesQueued, 1);
  });
});

describe("MsgSender.sendSlice of a message in the buffer it was read into", () => {
  const BUFFER_SIZE = 16 * 1024;
  const message = new Uint8Array(10_000).map((_, i) => i % 251);
  const following = new Uint8Array(5000).map((_, i) => i % 241);

  /** A connection that has given its socket a buffer of 16 KiB, and hands out what comes in it. */
  class Reading {
    readonly reader: InboundBuffer;
    readonly given: Uint8Array;

    constructor({ pool }: ScriptedSender) {
      this.reader = newReader({}, pool);
      while (this.reader.readBuffer().length < BUFFER_SIZE) {
        const full = this.reader.readBuffer();
        this.reader.receive(full, full.length);
        this.reader.clear();
      }
      this.given = this.reader.readBuffer();
    }

    /** `message` and `following` come in one read; `handle` gets the first, and the result is what is handed out after that. */
    read(handle: (buf: Uint8Array) => void): Uint8Array {
      let rest: Uint8Array | undefined = undefined;
      this.given.set(message);
      this.given.set(following, message.length);
      this.reader.receive(this.given, message.length + following.length);
      this.reader.tryReadFastRead(NO_CONTEXT, (buf) => {
        if (buf.length > following.length) {
          handle(buf);
          return MessageResult.dropMsgSize(message.length);
        }
        rest = buf.slice();
        return MessageResult.dropMsgSize(buf.length);
      });
      this.reader.retain();
      return rest!;
    }
  }

  it("has the socket borrow that buffer, also for several adjacent slices, and the next read goes to another", () => {
    const fixture = new ScriptedSender(borrow, true);
    const reading = new Reading(fixture);
    reading.read((buf) => {
      fixture.sender.sendSlice(buf, 0, 7000);
      fixture.sender.sendSlice(buf, 7000, 7001);
      fixture.sender.sendSlice(buf, 7001, message.length);
    });
    fixture.sender.flush();
    assert.equal(fixture.socket.borrowedBuffer, reading.given);
    assert.notEqual(reading.reader.readBuffer(), reading.given);
    assert.equal(fixture.pool.bytesKept, 4096 + 8192, "not given back yet");
    reading.reader.readBuffer().fill(0xee);
    fixture.drain();
    assert.deepEqual(fixture.socket.received, [...message]);
    assert.equal(fixture.socket.countWrites, 1);
    assert.equal(fixture.pool.acquire(BUFFER_SIZE), reading.given);
  });

  it("sends slices with a gap, or in another order, as they were given", () => {
    const fixture = new ScriptedSender(borrow, true);
    new Reading(fixture).read((buf) => {
      fixture.sender.sendSlice(buf, 5000, 10_000);
      fixture.sender.sendSlice(buf, 0, 5000);
      fixture.sender.sendSlice(buf, 5001, 5002);
    });
    fixture.sender.flush();
    while (fixture.socket.isBorrowing) fixture.drain();
    assert.deepEqual(fixture.socket.received, [
      ...message.subarray(5000),
      ...message.subarray(0, 5000),
      message[5001],
    ]);
  });

  it("copies what is less than a quarter of the buffer", () => {
    const fixture = new ScriptedSender(borrow, true);
    const reading = new Reading(fixture);
    reading.read((buf) => void fixture.sender.sendSlice(buf, 0, 4095));
    fixture.sender.flush();
    assert.notEqual(fixture.socket.borrowedBuffer, reading.given);
    assert.equal(reading.reader.readBuffer(), reading.given);
  });

  it("leaves what comes behind the message as it was read, whatever else is sent, even if the socket takes all at once", () => {
    for (const decide of [borrow, takeAll, takeNothing]) {
      const fixture = new ScriptedSender(decide, true);
      const other = new ScriptedSender(borrow, true, {}, fixture.pool);
      const noise = new Uint8Array(BUFFER_SIZE).fill(0xee);
      const rest = new Reading(fixture).read((buf) => {
        fixture.sender.sendSlice(buf, 0, message.length);
        fixture.sender.flush();
        fixture.sender.sendOrQueue(noise.subarray(0, 3000));
        other.sender.sendOrQueue(noise);
      });
      assert.ok(Buffer.compare(rest, following) === 0, decide.name);
    }
  });

  it("comes after what is queued in place in the view cache", () => {
    const fixture = new ScriptedSender(borrow, true);
    const reading = new Reading(fixture);
    layOut(fixture, Uint8Array.of(1, 2, 3));
    fixture.sender.sendSlice(inbound(fixture, 3), 0, 3);
    reading.read((buf) =>
      void fixture.sender.sendSlice(buf, 0, message.length)
    );
    fixture.sender.flush();
    while (fixture.socket.isBorrowing) fixture.drain();
    assert.deepEqual(fixture.socket.received, [1, 2, 3, ...message]);
  });

  it("copies for all but the first connection that sends of it", () => {
    const first = new ScriptedSender(borrow, true);
    const second = new ScriptedSender(borrow, true, {}, first.pool);
    const reading = new Reading(first);
    reading.read((buf) => {
      first.sender.sendSlice(buf, 0, message.length);
      second.sender.sendSlice(buf, 100, message.length);
    });
    for (const { sender } of [first, second]) sender.flush();
    assert.equal(first.socket.borrowedBuffer, reading.given);
    assert.notEqual(second.socket.borrowedBuffer, reading.given);
    for (const fixture of [first, second]) fixture.drain();
    assert.deepEqual(first.socket.received, [...message]);
    assert.deepEqual(second.socket.received, [...message.subarray(100)]);
  });

  it("copies a view that was kept until the handler was done", () => {
    const fixture = new ScriptedSender(borrow, true);
    const reading = new Reading(fixture);
    let kept!: Uint8Array;
    reading.read((buf) => void (kept = buf));
    fixture.sender.sendSlice(kept, 0, message.length);
    reading.given.fill(0xee);
    fixture.sender.flush();
    fixture.drain();
    assert.deepEqual(fixture.socket.received, [...message]);
  });

  it("fails if the buffer was transferred away by the end of the turn, also behind others, and harms no other connection", () => {
    for (const decide of [borrow, takeAll]) {
      for (const before of [0, 5000]) {
        const fixture = new ScriptedSender(decide, true);
        const other = new ScriptedSender(decide, true, {}, fixture.pool);
        const reading = new Reading(fixture);
        fixture.sender.sendOrQueue(new Uint8Array(before));
        assert.throws(() =>
          reading.read((buf) => {
            fixture.sender.sendSlice(buf, 0, message.length);
            other.sender.sendOrQueue(Uint8Array.of(7));
            const buffer = buf.buffer as ArrayBuffer;
            structuredClone(buffer, { transfer: [buffer] });
            other.sender.sendOrQueue(Uint8Array.of(8));
          })
        );
        for (const { sender } of [fixture, other]) sender.flush();
        for (const one of [fixture, other]) {
          if (one.socket.isBorrowing) one.drain();
        }
        assert.equal(fixture.failures.length, 1, `${decide.name} ${before}`);
        assert.ok(fixture.failures[0] instanceof InvalidSliceError);
        assert.equal(fixture.socket.received.length, before);
        assert.deepEqual(other.socket.received, [7, 8]);
        assert.equal(reading.reader.readBuffer().length, BUFFER_SIZE);
      }
    }
  });
});
