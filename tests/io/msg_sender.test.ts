import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ConnectionClosedError,
  SendQueueFullError,
} from "../../src/api/errors.ts";
import type { SendResult } from "../../src/api/send_result.ts";
import {
  borrow,
  ScriptedSender,
  takeAll,
  takeNothing,
} from "./scripted_sender.ts";

describe("MsgSender", () => {
  it("collects small sends until the turn ends, and asks for its end once", () => {
    const { sender, socket, ...fixture } = new ScriptedSender(takeAll);
    assert.ok(fixture);
    for (let i = 0; i < 100; i++) {
      assert.equal(sender.sendOrQueue(Uint8Array.of(i)), "complete");
    }
    assert.equal(socket.countWrites, 0);
    sender.flush();
    assert.equal(socket.countWrites, 1);
    assert.equal(socket.received.length, 100);
  });

  it("asks its connection once for the end of the turn when there is something to flush or to tell", () => {
    const fixture = new ScriptedSender(takeAll);
    fixture.sender.sendOrQueue(Uint8Array.of(1));
    assert.equal(fixture.countPending, 1);
    fixture.sender.sendOrQueue(Uint8Array.of(2), () => {});
    assert.equal(fixture.countPending, 1);
    fixture.sender.flush();
    fixture.sender.sendOrQueue(new Uint8Array(), () => {});
    assert.equal(fixture.countPending, 2);
  });

  it("says InQueue while the socket is full or has borrowed, Complete else", () => {
    for (const decide of [takeNothing, borrow]) {
      const fixture = new ScriptedSender(decide, decide === borrow);
      const { sender } = fixture;
      assert.equal(sender.sendOrQueue(Uint8Array.of(1)), "complete");
      sender.flush();
      assert.equal(sender.sendOrQueue(Uint8Array.of(2)), "in-queue");
      assert.equal(sender.sendNoQueue(Uint8Array.of(3)), 0);
    }
  });

  it("tells a tap all that the socket takes, and nothing else", () => {
    const decisions = [
      takeAll,
      takeNothing,
      borrow,
      (size: number) => Math.ceil(size / 2),
    ];
    for (const decide of decisions) {
      const fixture = new ScriptedSender(decide, decide === borrow);
      const { sender, socket } = fixture;
      const tapped: number[] = [];
      sender.tap = {
        onReceived: () => assert.fail("nothing came in"),
        onSent: (buffer, start, end) => {
          tapped.push(...buffer.subarray(start, end));
        },
      };
      sender.sendOrQueue(Uint8Array.of(1, 2, 3));
      sender.flush();
      for (let round = 0; round < 3; round++) {
        socket.becomeWritable();
        sender.onWritable();
        sender.flush();
      }
      socket.becomeWritable();
      assert.deepEqual(tapped, socket.received);
      assert.equal(tapped.length, decide === takeNothing ? 0 : 3);
    }
  });

  it("fail tells each completion that is left once, in order, and takes nothing more", () => {
    for (const decide of [takeNothing, borrow]) {
      const fixture = new ScriptedSender(decide, decide === borrow);
      const { sender } = fixture;
      const told: unknown[] = [];
      for (let i = 0; i < 5; i++) {
        sender.sendOrQueue(new Uint8Array(100), (result) => {
          told.push(i, result);
        });
      }
      sender.flush();
      const error = new Error("lost");
      sender.fail(error);
      const failed = { ok: false, error };
      assert.deepEqual(
        told,
        [0, failed, 1, failed, 2, failed, 3, failed, 4, failed],
      );
      assert.equal(sender.bytesQueued, 0);
      assert.equal(sender.sendOrQueue(Uint8Array.of(1)), "closed");
      sender.fail(error);
      assert.equal(told.length, 10);
    }
  });

  it("counts as sent what the socket has taken, not what fail drops", () => {
    const fixture = new ScriptedSender((size) => Math.min(size, 3));
    fixture.sender.sendOrQueue(Uint8Array.of(1, 2, 3, 4, 5));
    fixture.sender.flush();
    fixture.sender.fail(new Error("lost"));
    assert.equal(fixture.sender.bytesSent, 3);
    assert.equal(fixture.sender.bytesQueued, 0);
  });

  it("a buffer that the socket has borrowed is not used again after fail", () => {
    const fixture = new ScriptedSender(borrow, true);
    fixture.sender.sendOrQueue(Uint8Array.of(1, 2, 3));
    fixture.sender.flush();
    assert.ok(fixture.socket.isBorrowing);
    fixture.sender.fail(new Error("lost"));
    assert.equal(fixture.pool.bytesKept, 0);
    fixture.pool.acquire(4096).fill(0xee);
    fixture.socket.becomeWritable(); // which compares
    assert.deepEqual(fixture.socket.received, [1, 2, 3]);
  });

  it("after close a send is refused in a later turn, and what was queued goes out", () => {
    const fixture = new ScriptedSender(takeAll);
    const { sender, socket, deferred } = fixture;
    sender.sendOrQueue(Uint8Array.of(1));
    sender.close();
    const told: SendResult[] = [];
    const result = sender.sendOrQueue(Uint8Array.of(2), (outcome) => {
      told.push(outcome);
    });
    assert.equal(result, "closed");
    assert.equal(sender.sendNoQueue(Uint8Array.of(3)), 0);
    assert.equal(told.length, 0);
    for (const callback of deferred) callback();
    assert.equal(told.length, 1);
    assert.ok(!told[0].ok && told[0].error instanceof ConnectionClosedError);
    sender.flush();
    assert.deepEqual(socket.received, [1]);
  });

  it("maxSendQueue by close: the connection is told, and the completion fails with the rest", () => {
    const fixture = new ScriptedSender(takeNothing, false, {
      maxSendQueue: 100,
    });
    const { sender } = fixture;
    const told: SendResult[] = [];
    const completion = (result: SendResult): void => void told.push(result);
    assert.notEqual(
      sender.sendOrQueue(new Uint8Array(100), completion),
      "closed",
    );
    assert.equal(sender.sendOrQueue(new Uint8Array(1), completion), "closed");
    const [error] = fixture.failures;
    assert.ok(error instanceof SendQueueFullError);
    assert.equal(fixture.failures.length, 1);
    sender.fail(error);
    assert.deepEqual(told, [{ ok: false, error }, { ok: false, error }]);
  });

  it("maxSendQueue by reject: throws, sends nothing of it, and goes on", () => {
    const fixture = new ScriptedSender(takeNothing, false, {
      maxSendQueue: 100,
      sendQueueOverflow: "reject",
    });
    const { sender } = fixture;
    sender.sendOrQueue(new Uint8Array(99));
    let told = 0;
    assert.throws(
      () => sender.sendOrQueue(new Uint8Array(2), () => void told++),
      SendQueueFullError,
    );
    assert.equal(sender.bytesQueued, 99);
    assert.equal(sender.pendingCount, 0);
    sender.sendOrQueue(new Uint8Array(1));
    assert.equal(sender.bytesQueued, 100);
    assert.equal(told, 0);
    assert.deepEqual(fixture.failures, []);
  });

  it("tells of a queue above the high-water mark, not at it", () => {
    const fixture = new ScriptedSender(takeNothing, false, {
      sendHighWaterMark: 10,
    });
    fixture.sender.sendOrQueue(new Uint8Array(10));
    assert.equal(fixture.countHigh, 0);
    fixture.sender.sendOrQueue(new Uint8Array(1));
    assert.equal(fixture.countHigh, 1);
  });

  it("tells of it as well if what is above was sent by sendNoQueue", () => {
    const fixture = new ScriptedSender(borrow, true, { sendHighWaterMark: 10 });
    assert.equal(fixture.sender.sendNoQueue(new Uint8Array(10)), 10);
    assert.equal(fixture.countHigh, 0);
    fixture.drain();
    assert.equal(fixture.sender.sendNoQueue(new Uint8Array(11)), 11);
    assert.equal(fixture.countHigh, 1);
  });

  it("a queue above the high-water mark that the socket takes at once is none", () => {
    const fixture = new ScriptedSender(takeAll, false, {
      sendHighWaterMark: 10,
    });
    fixture.sender.sendOrQueue(new Uint8Array(1000));
    assert.equal(fixture.countHigh, 0);
    assert.equal(fixture.sender.bytesQueued, 0);
  });

  it("what completions throw, or reject with later, goes to the connection; the others are called", async () => {
    const fixture = new ScriptedSender(takeAll);
    const { sender, thrown } = fixture;
    const errors = [new Error("thrown"), new Error("rejected")];
    let told = 0;
    sender.sendOrQueue(Uint8Array.of(1), () => {
      throw errors[0];
    });
    sender.sendOrQueue(
      Uint8Array.of(2),
      () => Promise.reject(errors[1]) as unknown as void,
    );
    sender.sendOrQueue(Uint8Array.of(3), () => void told++);
    sender.flush();
    sender.pending?.settle();
    assert.equal(told, 1);
    await Promise.resolve();
    assert.deepEqual(thrown, errors);
  });

  it("a completion may send: that is told by the same settle, or a later one", () => {
    const fixture = new ScriptedSender(takeAll);
    const { sender, socket } = fixture;
    const order: string[] = [];
    sender.sendOrQueue(Uint8Array.of(1), () => {
      order.push("first");
      sender.sendOrQueue(Uint8Array.of(2), () => void order.push("second"));
    });
    sender.flush();
    sender.pending?.settle();
    assert.deepEqual(order, ["first"]);
    sender.flush();
    sender.pending?.settle();
    assert.deepEqual(order, ["first", "second"]);
    assert.deepEqual(socket.received, [1, 2]);
  });

  it("a send of nothing is told like any other, after what came before it", () => {
    const fixture = new ScriptedSender(takeAll);
    const { sender, socket } = fixture;
    const order: number[] = [];
    sender.sendOrQueue(Uint8Array.of(1), () => void order.push(1));
    sender.sendOrQueue(new Uint8Array(0), () => void order.push(2));
    assert.deepEqual(order, []);
    sender.flush();
    sender.pending?.settle();
    assert.deepEqual(order, [1, 2]);
    assert.equal(socket.countWrites, 1);
  });

  it("has a large queue borrowed in pieces, so that its progress can be seen", () => {
    const size = 2 ** 21;
    const { sender, socket } = new ScriptedSender(borrow, true);
    sender.sendOrQueue(new Uint8Array(size));
    let steps = 0;
    for (; sender.bytesQueued > 0 && steps < size; steps++) {
      const before = sender.bytesSent;
      socket.becomeWritable();
      sender.onWritable();
      sender.flush();
      assert.ok(sender.bytesSent > before);
    }
    assert.ok(steps >= 4, `${steps} steps`);
    assert.equal(sender.bytesSent, size);
  });

  it("writes no more than 256 KiB at once, and 4 MiB as soon as a socket that does not borrow has taken a part of a write", () => {
    const KiB = 1024;
    for (const borrows of [false, true]) {
      const sizes: number[] = [];
      let takes = Infinity;
      const { sender, socket } = new ScriptedSender((size) => {
        sizes.push(size / KiB);
        return takes;
      }, borrows);
      const send = (size: number) => {
        sizes.length = 0;
        sender.sendOrQueue(new Uint8Array(size * KiB));
        sender.flush();
      };
      const takeAllNow = () => {
        takes = Infinity;
        sizes.length = 0;
        socket.becomeWritable();
        sender.onWritable();
        sender.flush();
      };
      send(600);
      assert.deepEqual(sizes, [256, 256, 88]);
      takes = 0;
      send(600);
      takeAllNow();
      assert.deepEqual(sizes, [256, 256, 88]);
      takes = 100 * KiB;
      send(600);
      assert.deepEqual(sizes, [256]);
      takeAllNow();
      assert.deepEqual(sizes, borrows ? [256, 244] : [500]);
      send(4200);
      assert.equal(sizes[0], borrows ? 256 : 4096);
      assert.equal(sizes.reduce((sum, size) => sum + size), 4200);
    }
  });

  it("buffers go back to the pool when all is out", () => {
    const fixture = new ScriptedSender(borrow, true);
    for (let i = 0; i < 100; i++) {
      fixture.sender.sendOrQueue(new Uint8Array(1000));
    }
    fixture.sender.flush();
    while (fixture.sender.bytesQueued > 0) fixture.drain();
    assert.ok(fixture.pool.bytesKept > 0);
    const kept = fixture.pool.bytesKept;
    for (let i = 0; i < 100; i++) {
      fixture.sender.sendOrQueue(new Uint8Array(1000));
    }
    fixture.sender.flush();
    while (fixture.sender.bytesQueued > 0) fixture.drain();
    assert.equal(fixture.pool.bytesKept, kept, "the same ones");
  });
});
