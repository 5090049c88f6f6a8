import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidSliceError, SendQueueFullError } from "../../src/api/errors.ts";
import { MessageResult } from "../../src/api/message_result.ts";
import { BinaryReader } from "../../src/codec/binary_reader.ts";
import type { OutboundBuffer } from "../../src/io/outbound_buffer.ts";
import { newReader } from "./readers.ts";
import { borrow, ScriptedSender, takeAll } from "./scripted_sender.ts";

/** A text that is longer than its loop of ASCII takes, in bytes, too. */
const LONG_TEXT = "grüße, €, 😀; ".repeat(100);

/** Hands `bytes`, read at once, to `handler` message by message, and ends the turn. */
function read(
  { pool, sender }: ScriptedSender,
  bytes: Uint8Array,
  handler: (buf: Uint8Array) => MessageResult,
): void {
  const reader = newReader({}, pool);
  reader.receive(bytes, bytes.length);
  reader.tryReadFastRead(undefined, handler);
  reader.retain(sender);
  sender.flush();
}

/** All that is out by now. */
function textOf({ socket }: ScriptedSender): string {
  return new TextDecoder().decode(Uint8Array.from(socket.received));
}

describe("AutoSendBuffer, of a connection", () => {
  it("is the same object again when the scope of the last one has ended, and another one while that is open", () => {
    const { sender } = new ScriptedSender(takeAll);
    const first = sender.acquireSend();
    const second = sender.acquireSend();
    assert.notEqual(second, first);
    second.writeText("x");
    second[Symbol.dispose]();
    const third = sender.acquireSend();
    assert.equal(third, second);
    assert.equal(third.bytesWritten, 0);
    assert.notEqual(sender.acquireSend(), first);
  });

  it("may stay open for as long as the connection: each send begins the next message", () => {
    const fixture = new ScriptedSender(takeAll);
    const out = fixture.sender.acquireSend();
    for (let turn = 0; turn < 3; turn++) {
      for (const name of ["a", "b"]) {
        out.writeText(`${name}${turn}`);
        assert.equal(fixture.sender.bytesQueued, name === "a" ? 0 : 2);
        out.send();
        assert.equal(out.bytesWritten, 0);
      }
      fixture.sender.flush();
    }
    assert.equal(textOf(fixture), "a0b0a1b1a2b2");
  });

  for (const fixture of [takeAll, borrow]) {
    it(`keeps what is written across turns, and takes no memory when nothing is, on a socket that ${fixture === borrow ? "borrows" : "counts"}`, () => {
      const it = new ScriptedSender(fixture, fixture === borrow);
      const out = it.sender.acquireSend();
      it.sender.sendOrQueue(Uint8Array.of(0x31));
      out.writeText("3");
      it.sender.flush();
      if (fixture === borrow) it.drain();
      assert.equal(it.sender.bytesQueued, 0);
      it.sender.sendOrQueue(Uint8Array.of(0x32));
      out.writeText("4");
      out.send();
      it.sender.flush();
      if (fixture === borrow) it.drain();
      assert.equal(textOf(it), "1234");
      assert.equal(it.pool.bytesKept, 8192, "both buffers are given back");
    });
  }

  it("is sent behind what was sent while it was written, in whatever way, and asks for the end of the turn if it is the first", () => {
    const ways: Record<
      string,
      (sender: OutboundBuffer, buf: Uint8Array) => void
    > = {
      slice: (sender, buf) => void sender.sendSlice(buf, 0, 2),
      view: (sender, buf) => void sender.sendOrQueue(buf.subarray(0, 2)),
      nothing: () => {},
    };
    for (
      const fixture of [
        new ScriptedSender(takeAll),
        new ScriptedSender(borrow, true),
      ]
    ) {
      const { sender, pool } = fixture;
      for (const [name, send] of Object.entries(ways)) {
        fixture.socket.received.length = fixture.countPending = 0;
        read(fixture, Uint8Array.of(0x61, 0x62), (buf) => {
          const out = sender.acquireSend();
          out.writeText("x");
          assert.equal(fixture.countPending, 0, name);
          send(sender, buf);
          out.writeText("y");
          out[Symbol.dispose]();
          assert.ok(fixture.countPending > 0, name);
          return MessageResult.dropMsgSize(buf.length);
        });
        while (fixture.socket.isBorrowing) fixture.drain();
        const before = name === "nothing" ? "" : "ab";
        assert.equal(textOf(fixture), `${before}xy`, name);
        assert.equal(sender.bytesHeld, 0);
        assert.ok(pool.bytesHeld === 0, name);
      }
    }
  });

  it("writes a part of the message in hand, and nothing else, wherever that lies and whatever follows it", () => {
    for (const size of [3, 100, 5000, 70_000]) {
      for (const count of [1, 2, 20]) {
        const fixture = new ScriptedSender(takeAll);
        const bytes = new Uint8Array(size * count).map((_, i) => i * 7 + 1);
        const expected: number[] = [];
        let at = 0;
        const out = fixture.sender.acquireSend();
        read(fixture, bytes, (buf) => {
          if (buf.length < size) return MessageResult.expectMsgSize(size);
          const start = Math.min(1, size - 2);
          expected.push(9, ...bytes.subarray(at + start, at + size - 1));
          out.writeUint8(9);
          out.write(buf, start, size - 1);
          out.send();
          at += size;
          return MessageResult.dropMsgSize(size);
        });
        assert.deepEqual(fixture.socket.received, expected, `${size}×${count}`);
      }
    }
  });

  it("writes parts of whatever size, also where others of another size lay before", () => {
    const fixture = new ScriptedSender(takeAll);
    const out = fixture.sender.acquireSend();
    const bytes = new Uint8Array(600);
    const expected: number[] = [];
    for (const [turn, size] of [4, 4, 6, 6, 6, 5, 4].entries()) {
      bytes.forEach((_, i) => bytes[i] = turn * 7 + i);
      read(fixture, bytes, (buf) => {
        expected.push(...buf.subarray(1, 1 + size));
        out.write(buf, 1, 1 + size);
        out.send();
        return MessageResult.dropMsgSize(200);
      });
    }
    assert.deepEqual(fixture.socket.received, expected);
  });

  it("writes a part of a message whatever a view of it says that a handler was given before", () => {
    const fixture = new ScriptedSender(takeAll);
    const out = fixture.sender.acquireSend();
    const bytes = new Uint8Array(600).map((_, i) => i);
    let view: Uint8Array = new Uint8Array();
    const answer = (start: number, size: number) =>
      read(fixture, bytes, (buf) => {
        out.write(buf, start, start + size);
        out.send();
        view = new BinaryReader(buf, 2, 5).readView();
        return MessageResult.dropMsgSize(600);
      });
    for (let turn = 0; turn < 3; turn++) answer(0, 1);
    Object.defineProperty(view, "length", { value: 5 });
    answer(2, 5);
    assert.deepEqual(fixture.socket.received, [0, 0, 0, 2, 3, 4, 5, 6]);
  });

  it("has getWritten show a buffer that holds nothing of others: what is done to it is done to the message alone", () => {
    const fixture = new ScriptedSender(takeAll);
    fixture.sender.sendOrQueue(Uint8Array.of(0x41));
    const out = fixture.sender.acquireSend();
    out.writeText("b");
    new Uint8Array(out.getWritten().buffer).fill(0x42);
    out.writeText("c");
    out.send();
    fixture.sender.flush();
    assert.equal(textOf(fixture), "ABc");
  });

  it("throws SendQueueFullError for what could never be sent, and keeps what was written before; a text counts by its bytes", () => {
    for (const sendQueueOverflow of ["close", "reject"] as const) {
      const fixture = new ScriptedSender(takeAll, false, {
        maxSendQueue: 10,
        sendQueueOverflow,
      });
      const out = fixture.sender.acquireSend();
      assert.equal(out.writeText("12345678"), 8);
      const writes = [
        () => out.writeUint32(1),
        () => out.writeBigUint64(1n),
        () => out.writeText("€"),
        () => out.write(new Uint8Array(3)),
      ];
      for (const write of writes) {
        assert.throws(write, SendQueueFullError);
        assert.equal(out.bytesWritten, 8);
      }
      assert.throws(writes[0], /4 bytes after 8: maxSendQueue is 10/);
      assert.equal(out.writeText("é"), 2);
      out.send();
      fixture.sender.flush();
      assert.equal(textOf(fixture), "12345678é");
      assert.deepEqual(fixture.failures, []);
    }
  });

  it("writes any text as UTF-8, short or long, and counts its bytes", () => {
    for (const text of ["", "a", "é", "a".repeat(33), "abc€", LONG_TEXT]) {
      const fixture = new ScriptedSender(takeAll);
      const out = fixture.sender.acquireSend();
      const size = new TextEncoder().encode(text).length;
      assert.equal(out.writeText(text), size);
      assert.equal(out.bytesWritten, size);
      out.send();
      fixture.sender.flush();
      assert.equal(textOf(fixture), text);
    }
  });

  it("sets numbers over what is written, and nowhere else", () => {
    const fixture = new ScriptedSender(takeAll);
    const out = fixture.sender.acquireSend();
    fixture.sender.sendOrQueue(Uint8Array.of(0));
    out.write(new Uint8Array(7).fill(9));
    out.setUint32(0, 0x01020304);
    out.setUint16(5, 0x0506, true);
    const beyond = [-1, 0.5, 4, 7, NaN, Infinity, "1" as unknown as number];
    for (const offset of beyond) {
      assert.throws(() => out.setUint32(offset, 1), InvalidSliceError);
    }
    assert.throws(() => out.setUint16(6, 1), /6 to 8 of 7 bytes/);
    out.send();
    fixture.sender.flush();
    assert.deepEqual(fixture.socket.received, [0, 1, 2, 3, 4, 9, 6, 5]);
  });

  it("takes back what was written last, and nothing that was sent or that others sent", () => {
    const fixture = new ScriptedSender(takeAll);
    const out = fixture.sender.acquireSend();
    fixture.sender.sendOrQueue(Uint8Array.of(0));
    out.writeUint32(0x01020304);
    out.truncate(2);
    out.setUint8(1, 7);
    for (const size of [3, -1, 0.5, NaN, "1" as unknown as number]) {
      assert.throws(() => out.truncate(size), InvalidSliceError);
    }
    out.send();
    out.writeUint8(8);
    out.truncate(0);
    assert.equal(out.bytesWritten, 0);
    out.writeUint8(9);
    out.send();
    fixture.sender.flush();
    assert.deepEqual(fixture.socket.received, [0, 1, 7, 9]);
  });

  it("is as it was if a value is code that throws, and whole if it is code that writes", () => {
    const fixture = new ScriptedSender(takeAll);
    const out = fixture.sender.acquireSend();
    const thrown = new Error("no number");
    const throwing = {
      valueOf() {
        throw thrown;
      },
    } as unknown as number;
    for (
      const name of [
        "writeUint8",
        "writeUint16",
        "writeUint24",
        "writeUint32",
        "writeFloat32",
        "writeFloat64",
      ] as const
    ) {
      assert.throws(() => out[name](throwing), thrown);
    }
    assert.throws(() => out.writeBigUint64(1 as unknown as bigint), TypeError);
    assert.equal(out.bytesWritten, 0);
    const writing = {
      valueOf() {
        out.writeUint16(0x0102);
        return 3;
      },
    } as unknown as number;
    out.writeUint8(writing);
    out.send();
    fixture.sender.flush();
    assert.deepEqual(fixture.socket.received, [1, 2, 3]);
  });
});

describe("sendOrQueue", () => {
  it("has copied a view of the message in hand when it returns: it may be changed at once", () => {
    for (const size of [8, 128, 1000, 20_000]) {
      const fixture = new ScriptedSender(takeAll);
      const bytes = new Uint8Array(4 * size).map((_, i) => i + (i >> 8));
      const expected = [...bytes];
      read(fixture, bytes, (buf) => {
        if (buf.length < size) return MessageResult.expectMsgSize(size);
        const message = buf.subarray(0, size);
        fixture.sender.sendOrQueue(message);
        message.fill(0xee);
        return MessageResult.dropMsgSize(size);
      });
      assert.deepEqual(fixture.socket.received, expected, `${size}`);
    }
  });
});
