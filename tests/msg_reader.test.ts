import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import {
  InvalidMessageResultError,
  MessageTooLargeError,
} from "../src/errors.ts";
import { BufferPool } from "../src/io/buffer_pool.ts";
import { MsgReader, type MsgReaderSettings } from "../src/io/msg_reader.ts";
import { MessageResult } from "../src/message_result.ts";
import type { DispatchContext } from "../src/reactor.ts";
import { Random } from "./random.ts";

const NO_CONTEXT = undefined as unknown as DispatchContext;
const STRATEGIES = ["tryReadFastRead", "tryReadFastDispatch"] as const;

function newReader(settings: Partial<MsgReaderSettings> = {}): MsgReader {
  return new MsgReader(new BufferPool(), {
    recvBufferMinSize: 1024,
    maxMessageSize: 2 ** 24,
    ...settings,
  });
}

/** Feeds `bytes` as one read whose buffer is used for something else afterwards. */
function feed(
  reader: MsgReader,
  bytes: Uint8Array,
  read: (reader: MsgReader) => void,
): void {
  const buffer = new Uint8Array(bytes.length + 7).fill(0xbb);
  buffer.set(bytes);
  reader.receive(buffer, bytes.length);
  try {
    read(reader);
  } finally {
    reader.retain();
    buffer.fill(0xcc);
  }
}

/** How a handler of messages finds their end. */
type Framing = "announced" | "announced late" | "searched" | "in pieces";
const FRAMINGS: Framing[] = [
  "announced",
  "announced late",
  "searched",
  "in pieces",
];

/** Messages `length (3 bytes), body` in which only the last byte is 0xff. */
function messages(random: Random, count: number): Uint8Array[] {
  const largest = random.pick([1, 10, 100, 3000, 20_000]);
  const most = Math.ceil(Math.min(count, 60_000 / largest));
  return Array.from({ length: most }, () => {
    const size = 4 + random.integer(0, largest);
    const message = new Uint8Array(size);
    for (let i = 3; i < size - 1; i++) message[i] = random.integer(0, 254);
    message[0] = size & 0x7f;
    message[1] = size >> 7 & 0x7f;
    message[2] = size >> 14;
    message[size - 1] = 0xff;
    return message;
  });
}

function concat(parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A handler that checks what it is promised, and pauses at random. */
class Checking {
  /** How many bytes were dropped. */
  position = 0;
  #seen = 0;
  #expected = 0;
  readonly #all: Uint8Array;
  readonly #framing: Framing;
  readonly #random: Random;
  readonly #reader: MsgReader;
  readonly #pauses: number;
  /** How many bytes were fed so far. */
  fed = 0;

  constructor(
    all: Uint8Array,
    framing: Framing,
    random: Random,
    reader: MsgReader,
  ) {
    this.#all = all;
    this.#framing = framing;
    this.#random = random;
    this.#reader = reader;
    this.#pauses = random.pick([0, 0.02, 0.5]);
  }

  onInboundMessage(
    buf: Uint8Array,
    newBytes: number,
    decodedMsgSize: number,
  ): MessageResult {
    assert.equal(this.#reader.halted, false, "not while halted");
    assert.ok(this.position + buf.length <= this.fed);
    const expected = this.#all.subarray(
      this.position,
      this.position + buf.length,
    );
    assert.ok(
      Buffer.compare(buf, expected) === 0,
      "buf begins at the message and holds what was read",
    );
    assert.equal(Object.getPrototypeOf(buf), Uint8Array.prototype);
    assert.ok(newBytes > 0);
    assert.equal(newBytes, buf.length - this.#seen, "newBytes");
    assert.equal(decodedMsgSize, this.#expected, "decodedMsgSize");
    assert.ok(buf.length >= decodedMsgSize, "all of an announced message");
    this.#seen = buf.length;
    if (this.#random.chance(this.#pauses)) this.#reader.halted = true;
    const size = this.#size(buf, decodedMsgSize);
    if (size > 0 && size <= buf.length) {
      buf.fill(0xdd, 0, size); // it may be changed
      this.position += size;
      this.#seen = this.#expected = 0;
      return MessageResult.dropMsgSize(size);
    }
    this.#expected = size;
    return MessageResult.expectMsgSize(size);
  }

  /** The size of the message, 0 if it is not known yet. */
  #size(buf: Uint8Array, decodedMsgSize: number): number {
    switch (this.#framing) {
      case "announced":
        if (buf.length < 3) return 0;
        return decodedMsgSize || buf[0] + (buf[1] << 7) + (buf[2] << 14);
      case "announced late": {
        if (buf.length < 3) return 3;
        return buf[0] + (buf[1] << 7) + (buf[2] << 14);
      }
      case "searched":
        return buf.indexOf(0xff, 3) + 1;
      case "in pieces":
        return this.#random.integer(1, buf.length);
    }
  }
}

describe("MsgReader", () => {
  for (const strategy of STRATEGIES) {
    it(`${strategy} hands out what a reference decoder does, in any framing, chunking and pausing`, () => {
      for (let seed = 1; seed <= 150; seed++) {
        const random = new Random(seed);
        const framing = random.pick(FRAMINGS);
        const all = concat(messages(random, random.integer(1, 40)));
        const reader = newReader({
          recvBufferMinSize: random.pick([0, 1, 7, 1024, 100_000]),
        });
        const handler = new Checking(all, framing, random, reader);
        const largest = random.pick([1, 5, 100, 9000, 70_000]);
        const resume = () => {
          for (let i = 0; i < 1_000_000 && reader.halted; i++) {
            reader.halted = false;
            reader[strategy](NO_CONTEXT, handler);
            reader.retain();
          }
        };
        while (handler.fed < all.length) {
          const end = handler.fed + random.integer(1, largest);
          const chunk = all.subarray(handler.fed, end);
          handler.fed += chunk.length;
          feed(reader, chunk, () => reader[strategy](NO_CONTEXT, handler));
          assert.equal(
            reader.bytesInBuffer(),
            handler.fed - handler.position,
            `seed ${seed}`,
          );
          resume();
        }
        assert.equal(handler.position, all.length, `seed ${seed}: all`);
        assert.equal(reader.bytesInBuffer(), 0);
      }
    });
  }

  it("an announced message is handed out once when it is complete, not in between", () => {
    for (const strategy of STRATEGIES) {
      const reader = newReader({ recvBufferMinSize: 1 });
      const calls: number[][] = [];
      for (let i = 0; i < 50; i++) {
        feed(
          reader,
          new Uint8Array(10),
          () =>
            reader[strategy](NO_CONTEXT, (buf, newBytes, decodedMsgSize) => {
              calls.push([buf.length, newBytes, decodedMsgSize]);
              return decodedMsgSize === 0
                ? MessageResult.expectMsgSize(500)
                : MessageResult.dropMsgSize(500);
            }),
        );
      }
      assert.equal(calls.length, 2, strategy);
      assert.equal(calls[0][2], 0);
      assert.deepEqual(calls[1], [500, 500 - calls[0][0], 500]);
    }
  });

  it("tryReadFastDispatch looks at recvBufferMinSize bytes at a time, tryReadFastRead at all", () => {
    const seen: Record<string, number[]> = {};
    for (const strategy of STRATEGIES) {
      const reader = newReader({ recvBufferMinSize: 100 });
      const lengths: number[] = seen[strategy] = [];
      feed(
        reader,
        new Uint8Array(350),
        () =>
          reader[strategy](NO_CONTEXT, (buf) => {
            lengths.push(buf.length);
            return MessageResult.expectMsgSize(0);
          }),
      );
    }
    assert.deepEqual(seen, {
      tryReadFastRead: [350],
      tryReadFastDispatch: [100, 200, 300, 350],
    });
  });

  it("what the handler does not take is kept for the next read", () => {
    const reader = newReader();
    feed(reader, Uint8Array.of(1, 2, 3), () => {});
    assert.equal(reader.bytesInBuffer(), 3);
    const got: number[] = [];
    feed(
      reader,
      Uint8Array.of(4, 5),
      () =>
        reader.tryReadFastRead(NO_CONTEXT, (buf) => {
          got.push(...buf);
          return MessageResult.dropMsgSize(buf.length);
        }),
    );
    assert.deepEqual(got, [1, 2, 3, 4, 5]);
  });

  it("clear forgets everything, from inside a handler, too", () => {
    for (const split of [false, true]) {
      const reader = newReader();
      if (split) feed(reader, Uint8Array.of(9), () => {});
      let calls = 0;
      feed(
        reader,
        Uint8Array.of(1, 2, 3),
        () =>
          reader.tryReadFastRead(NO_CONTEXT, () => {
            calls++;
            reader.clear();
            return MessageResult.expectMsgSize(100);
          }),
      );
      assert.equal(calls, 1);
      assert.equal(reader.bytesInBuffer(), 0);
      feed(
        reader,
        Uint8Array.of(7),
        () =>
          reader.tryReadFastRead(
            NO_CONTEXT,
            (buf, newBytes, decodedMsgSize) => {
              assert.deepEqual([...buf, newBytes, decodedMsgSize], [7, 1, 0]);
              return MessageResult.dropMsgSize(1);
            },
          ),
      );
      assert.equal(reader.bytesInBuffer(), 0);
    }
  });

  it("a handler that stops it, or clears it, in a large read of small messages is not called again", () => {
    for (const stop of ["halt", "clear"] as const) {
      const reader = newReader();
      let isStopped = false;
      const read = (until: number) =>
        feed(reader, new Uint8Array(30_000), () => {
          let countDropped = 0;
          reader.tryReadFastRead(NO_CONTEXT, (buf) => {
            assert.equal(isStopped, false);
            if (countDropped < until) {
              countDropped++;
              return buf.length < 10
                ? MessageResult.expectMsgSize(10)
                : MessageResult.dropMsgSize(10);
            }
            isStopped = true;
            if (stop === "halt") reader.halted = true;
            else reader.clear();
            return MessageResult.expectMsgSize(0);
          });
        });
      read(Infinity); // it learns that the messages are small
      read(0);
      assert.equal(isStopped, true);
      assert.equal(reader.bytesInBuffer(), stop === "halt" ? 30_000 : 0);
    }
  });

  it("a read from inside a handler does nothing", () => {
    const reader = newReader();
    let calls = 0;
    const handler = (buf: Uint8Array): MessageResult => {
      calls++;
      for (const strategy of STRATEGIES) reader[strategy](NO_CONTEXT, handler);
      return MessageResult.dropMsgSize(buf.length);
    };
    feed(
      reader,
      Uint8Array.of(1, 2),
      () => reader.tryReadFastRead(NO_CONTEXT, handler),
    );
    assert.equal(calls, 1);
  });

  it("results that are none, or cannot be carried out, are InvalidMessageResultError", () => {
    const wrong: unknown[] = [
      4, // more than there is
      0.5,
      -0.5,
      NaN,
      Infinity,
      -Infinity,
      undefined,
      null,
      true,
      "1",
      1n,
      {},
      [],
      Promise.resolve(1),
    ];
    for (const split of [false, true]) {
      for (const result of wrong) {
        const reader = newReader();
        if (split) feed(reader, Uint8Array.of(1), () => {});
        const bytes = split ? Uint8Array.of(2, 3) : Uint8Array.of(1, 2, 3);
        assert.throws(
          () =>
            feed(reader, bytes, () =>
              reader.tryReadFastRead(
                NO_CONTEXT,
                () => result as MessageResult,
              )),
          InvalidMessageResultError,
          typeof result,
        );
      }
    }
  });

  it("an announced size cannot be announced again, only a larger one", () => {
    const reader = newReader();
    const sizes: number[] = [];
    const expect = (size: number) =>
      feed(
        reader,
        new Uint8Array(10),
        () =>
          reader.tryReadFastRead(
            NO_CONTEXT,
            (_buf, _newBytes, decodedMsgSize) => {
              sizes.push(decodedMsgSize);
              return MessageResult.expectMsgSize(size);
            },
          ),
      );
    expect(20);
    expect(30);
    assert.throws(() => expect(30), InvalidMessageResultError);
    assert.deepEqual(sizes, [0, 20, 30]);
  });

  it("maxMessageSize bounds what is announced and what is gathered", () => {
    for (const strategy of STRATEGIES) {
      const announce = newReader({ maxMessageSize: 100 });
      assert.throws(
        () =>
          feed(announce, Uint8Array.of(1), () =>
            announce[strategy](
              NO_CONTEXT,
              () => MessageResult.expectMsgSize(101),
            )),
        MessageTooLargeError,
      );
      const gather = newReader({ maxMessageSize: 100 });
      const more = () =>
        feed(
          gather,
          new Uint8Array(50),
          () =>
            gather[strategy](NO_CONTEXT, () => MessageResult.expectMsgSize(0)),
        );
      more();
      more();
      assert.throws(more, MessageTooLargeError);
      const exact = newReader({ maxMessageSize: 100 });
      let dropped = 0;
      feed(
        exact,
        new Uint8Array(300),
        () =>
          exact[strategy](NO_CONTEXT, (buf, _newBytes, decodedMsgSize) => {
            if (buf.length < 100 || decodedMsgSize === 0) {
              return MessageResult.expectMsgSize(100);
            }
            dropped += 100;
            return MessageResult.dropMsgSize(100);
          }),
      );
      assert.equal(dropped, 300);
    }
  });

  it("what a handler throws is thrown, and the reader can be used again", () => {
    const reader = newReader();
    const error = new Error("from the handler");
    assert.throws(
      () =>
        feed(
          reader,
          Uint8Array.of(1),
          () =>
            reader.tryReadFastRead(NO_CONTEXT, () => {
              throw error;
            }),
        ),
      (thrown) => thrown === error,
    );
    const got: number[] = [];
    feed(
      reader,
      Uint8Array.of(2),
      () =>
        reader.tryReadFastRead(NO_CONTEXT, (buf) => {
          got.push(...buf);
          return MessageResult.dropMsgSize(buf.length);
        }),
    );
    assert.deepEqual(got, [1, 2]);
  });

  it("an idle reader holds no buffer: it went back to the pool", () => {
    const pool = new BufferPool();
    const reader = new MsgReader(pool, {
      recvBufferMinSize: 1024,
      maxMessageSize: 2 ** 20,
    });
    const read = () =>
      reader.tryReadFastRead(
        NO_CONTEXT,
        (buf) =>
          buf.length < 5000
            ? MessageResult.expectMsgSize(5000)
            : MessageResult.dropMsgSize(5000),
      );
    feed(reader, new Uint8Array(3000), read);
    assert.equal(pool.bytesKept, 0);
    feed(reader, new Uint8Array(2000), read);
    assert.equal(reader.bytesInBuffer(), 0);
    assert.ok(pool.bytesKept > 0);
  });
});
