import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BORROWED } from "../src/adapters/adapter.ts";
import { InvalidSliceError } from "../src/errors.ts";
import { EMPTY } from "../src/io/buffer_pool.ts";
import { SendOrQueueResult } from "../src/io/send_result.ts";
import { borrow, SenderFixture, takeAll } from "./sender_fixture.ts";

/** Lays `bytes` out as a read. */
function stage(fixture: SenderFixture, bytes: Uint8Array): void {
  fixture.pool.stage.load(bytes.length, EMPTY, 0, 0, bytes, 0);
}

/** What a handler is given that has `left` bytes of the read in front of it. */
function inbound(fixture: SenderFixture, left: number): Uint8Array {
  return fixture.pool.stage.show(left);
}

describe("MsgSender.sendSlice", () => {
  it("writes adjacent slices of a read together, in place where the socket copies", () => {
    const fixture = new SenderFixture(takeAll);
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6);
    stage(fixture, bytes);
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
      const fixture = new SenderFixture(borrows ? borrow : takeAll, borrows);
      stage(fixture, Uint8Array.of(1, 2, 3, 4));
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
      const fixture = new SenderFixture(
        (size) => decisions.pop() ?? size,
        first === BORROWED,
      );
      const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6);
      stage(fixture, bytes);
      fixture.sender.sendSlice(inbound(fixture, 6), 0, 2);
      fixture.sender.flush();
      fixture.sender.sendSlice(inbound(fixture, 4), 0, 2);
      fixture.sender.sendSlice(inbound(fixture, 2), 0, 2);
      stage(fixture, new Uint8Array(6).fill(7));
      fixture.drain();
      assert.deepEqual(fixture.socket.received, [...bytes]);
      assert.equal(fixture.sender.bytesSent, 6);
      assert.equal(fixture.sender.bytesQueued, 0);
    }
  });

  it("lends the socket a copy, never what the next read overwrites", () => {
    const fixture = new SenderFixture(borrow, true);
    stage(fixture, Uint8Array.of(1, 2, 3));
    fixture.sender.sendSlice(inbound(fixture, 3), 0, 3);
    fixture.sender.flush();
    stage(fixture, Uint8Array.of(7, 7, 7));
    fixture.drain();
    assert.deepEqual(fixture.socket.received, [1, 2, 3]);
  });

  it("copies for all but the first connection that sends of one read", () => {
    const first = new SenderFixture(takeAll);
    const second = new SenderFixture(takeAll, false, {}, first.pool);
    stage(first, Uint8Array.of(1, 2, 3));
    first.sender.sendSlice(inbound(first, 3), 0, 3);
    second.sender.sendSlice(inbound(first, 3), 1, 3);
    stage(first, Uint8Array.of(7, 7, 7));
    first.sender.flush();
    second.sender.flush();
    assert.deepEqual(first.socket.received, [1, 2, 3]);
    assert.deepEqual(second.socket.received, [2, 3]);
  });

  it("sends nothing more once it is closed, not even what would extend a run", () => {
    const fixture = new SenderFixture(takeAll);
    stage(fixture, Uint8Array.of(1, 2));
    assert.equal(
      fixture.sender.sendSlice(inbound(fixture, 2), 0, 1),
      SendOrQueueResult.Complete,
    );
    fixture.sender.close();
    assert.equal(
      fixture.sender.sendSlice(inbound(fixture, 1), 0, 1),
      SendOrQueueResult.Closed,
    );
    fixture.sender.flush();
    assert.deepEqual(fixture.socket.received, [1]);
  });

  it("fails if the buffer was transferred away by the end of the turn, and harms no other connection", () => {
    for (const borrows of [false, true]) {
      const decide = borrows ? borrow : takeAll;
      const fixture = new SenderFixture(decide, borrows);
      stage(fixture, Uint8Array.of(1, 2, 3));
      const buf = inbound(fixture, 3);
      fixture.sender.sendSlice(buf, 0, 3);
      const buffer = buf.buffer as ArrayBuffer;
      structuredClone(buffer, { transfer: [buffer] });
      fixture.sender.sendOrQueue(Uint8Array.of(4));
      const other = new SenderFixture(decide, borrows, {}, fixture.pool);
      stage(other, Uint8Array.of(7, 8));
      other.sender.sendSlice(inbound(other, 2), 0, 2);
      other.sender.flush();
      other.drain();
      assert.deepEqual(other.socket.received, [7, 8]);
      fixture.sender.flush();
      assert.ok(fixture.failures[0] instanceof InvalidSliceError);
      assert.equal(fixture.socket.countWrites, 0);
    }
  });

  it("refuses what is not within the bytes, or is no bytes, with InvalidSliceError, and sends nothing", () => {
    const fixture = new SenderFixture(takeAll);
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
    for (const value of ["text", [1, 2], new DataView(bytes.buffer)]) {
      assert.throws(
        () => fixture.sender.sendOrQueue(value as unknown as Uint8Array),
        InvalidSliceError,
      );
      assert.throws(
        () => fixture.sender.sendNoQueue(value as unknown as Uint8Array),
        InvalidSliceError,
      );
    }
    assert.equal(fixture.sender.bytesQueued, 0);
    assert.equal(fixture.sender.countPending, 0);
    stage(fixture, bytes);
    fixture.sender.sendSlice(inbound(fixture, 4), 0, 1);
    assert.throws(
      () => fixture.sender.sendSlice(inbound(fixture, 3), 0, 1.5),
      InvalidSliceError,
    );
    assert.equal(fixture.sender.bytesQueued, 1);
  });
});
