import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  InvalidMessageResultError,
  MessageTooLargeError,
} from "../../src/api/errors.ts";
import { BufferPool } from "../../src/io/buffer_pool.ts";
import type { InboundBuffer } from "../../src/io/inbound_buffer.ts";
import { MessageResult } from "../../src/api/message_result.ts";
import type { DispatchContext } from "../../src/api/reactor.ts";
import { newReader } from "./readers.ts";

const NO_CONTEXT = undefined as unknown as DispatchContext;
const STRATEGIES = ["tryReadFastRead", "tryReadFastDispatch"] as const;

/** Tells how much it is asked for. */
class CountingPool extends BufferPool {
  /** The most that it was asked for at once. */
  asked = 0;
  /** How many bytes of buffers are not given back. */
  out = 0;

  override acquire(bytes: number): Uint8Array {
    this.asked = Math.max(this.asked, bytes);
    const buffer = super.acquire(bytes);
    this.out += buffer.length;
    return buffer;
  }

  override release(buffer: Uint8Array): void {
    this.out -= buffer.length;
    super.release(buffer);
  }
}

/** Puts properties on `buf` that nobody is to ask for. */
function poison(buf: Uint8Array): void {
  if (Object.hasOwn(buf, "length")) return;
  const names = ["length", "byteLength", "byteOffset", "buffer"];
  for (const name of [...names, "subarray", "set", "constructor"]) {
    Object.defineProperty(buf, name, {
      get: () => assert.fail(`asked for ${name}`),
    });
  }
}

/** Feeds `bytes` as one read whose buffer is used for something else afterwards. */
function feed(
  reader: InboundBuffer,
  bytes: Uint8Array,
  read: (reader: InboundBuffer) => void,
): void {
  const buffer = new Uint8Array(bytes.length + 7).fill(0xbb);
  buffer.set(bytes);
  reader.receive(buffer, bytes.length);
  try {
    read(reader);
  } finally {
    reader.retain();
    if (buffer.length > 0) buffer.fill(0xcc);
  }
}

/** The same for a socket that reads into what it is given. */
function feedGiven(reader: InboundBuffer, bytes: Uint8Array, read: () => void) {
  for (let at = 0; at < bytes.length;) {
    const buffer = reader.readBuffer();
    const count = Math.min(buffer.length, bytes.length - at);
    buffer.set(bytes.subarray(at, at + count));
    reader.receive(buffer, count);
    at += count;
    read();
    reader.retain();
  }
}

describe("MsgReader", () => {
  it("an announced message is handed out once when it is complete, not in between", () => {
    for (const strategy of STRATEGIES) {
      const reader = newReader({ recvBufferMinSize: 1 });
      const calls: number[][] = [];
      for (let i = 0; i < 50; i++) {
        feed(
          reader,
          new Uint8Array(10),
          () =>
            reader[strategy](
              NO_CONTEXT,
              (buf, _ctx, newBytes, decodedMsgSize) => {
                calls.push([buf.length, newBytes, decodedMsgSize]);
                return decodedMsgSize === 0
                  ? MessageResult.expectMsgSize(500)
                  : MessageResult.dropMsgSize(500);
              },
            ),
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

  it("looks at a byte at a time with a recvBufferMinSize of 0, and has room for one", () => {
    for (const strategy of STRATEGIES) {
      const reader = newReader({ recvBufferMinSize: 0 });
      const taken: number[] = [];
      feedGiven(
        reader,
        Uint8Array.of(1, 2, 3),
        () =>
          reader[strategy](NO_CONTEXT, (buf) => {
            taken.push(...buf);
            return MessageResult.dropMsgSize(buf.length);
          }),
      );
      assert.deepEqual(taken, [1, 2, 3]);
    }
  });

  it("tryReadFastDispatch looks at as many at a time of what was kept, in however many reads it came", () => {
    for (const kept of [[], [150], [50, 200], [100, 100, 100, 49]]) {
      const reader = newReader({ recvBufferMinSize: 100 });
      const lengths: number[] = [];
      let left = 350;
      for (const size of kept) {
        feed(reader, new Uint8Array(size), () => {});
        left -= size;
      }
      feed(
        reader,
        new Uint8Array(left),
        () =>
          reader.tryReadFastDispatch(NO_CONTEXT, (buf) => {
            lengths.push(buf.length);
            return MessageResult.expectMsgSize(0);
          }),
      );
      assert.deepEqual(lengths, [100, 200, 300, 350], `${kept} kept`);
    }
  });

  it("what the handler does not take is kept for the next read", () => {
    const reader = newReader();
    feed(reader, Uint8Array.of(1, 2, 3), () => {});
    assert.equal(reader.bytesBuffered, 3);
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

  it("keeps what was not dropped of a buffer that grows", () => {
    const reader = newReader();
    const bytes = new Uint8Array(400_000).map((_, i) => i % 251);
    const got: number[] = [];
    const read = (size: number) => (reader: InboundBuffer) =>
      reader.tryReadFastRead(NO_CONTEXT, (buf) => {
        const taken = Math.min(size, buf.length);
        for (const byte of buf.subarray(0, taken)) got.push(byte);
        reader.isPaused = size < Infinity;
        return MessageResult.dropMsgSize(taken);
      });
    feed(reader, bytes.subarray(0, 20_000), () => {});
    feed(reader, bytes.subarray(20_000, 20_001), read(1000));
    feed(reader, bytes.subarray(20_001), () => {});
    reader.isPaused = false;
    feed(reader, bytes.subarray(0, 0), read(Infinity));
    assert.deepEqual(Uint8Array.from(got), bytes);
  });

  it("reads that get longer are handed out whole, and in views that are used again", () => {
    const reader = newReader();
    /** Reads `size` bytes at once in messages of `step` bytes. */
    const read = (size: number, content: number, step = size): Uint8Array[] => {
      const views: Uint8Array[] = [];
      const take = (buf: Uint8Array) => {
        assert.ok(buf.every((byte) => byte === content));
        views.push(buf);
        return MessageResult.dropMsgSize(step);
      };
      const bytes = new Uint8Array(size).fill(content);
      feed(reader, bytes, () => reader.tryReadFastRead(NO_CONTEXT, take));
      return views;
    };
    const sizes = [1, 1023, 1024, 1025, 2048, 4097, 8191, 8192, 7, 2048];
    for (const [i, size] of sizes.entries()) {
      const [view, ...others] = read(size, i);
      assert.equal(view.length, size);
      assert.equal(others.length, 0);
      assert.ok(read(size, 100 + i)[0] === view);
      assert.equal(read(20_000, 200, 100).length, 200);
      assert.ok(read(size, i)[0] === view);
    }
  });

  it("a handler may transfer the buffer of a message away, with all that was read if it drops that", () => {
    const pieces = [10, 10_000, 10, 30_000, 10];
    const reader = newReader();
    const got: number[] = [];
    const take = (buf: Uint8Array, size: number) => {
      if (buf.length < size) return MessageResult.expectMsgSize(size);
      assert.ok(buf.every((byte) => byte === got.length));
      got.push(buf.length);
      structuredClone(buf.buffer, { transfer: [buf.buffer as ArrayBuffer] });
      return MessageResult.dropMsgSize(size);
    };
    for (const size of pieces) {
      const bytes = new Uint8Array(size).fill(got.length);
      feed(reader, bytes.subarray(0, size / 2), () => {});
      feed(
        reader,
        bytes.subarray(size / 2),
        () => reader.tryReadFastRead(NO_CONTEXT, (buf) => take(buf, size)),
      );
    }
    assert.deepEqual(got, pieces);
    const small = Uint8Array.of(5, 6, 7);
    got.length = 0;
    feed(reader, small, () =>
      reader.tryReadFastRead(NO_CONTEXT, (buf) => {
        got.push(buf[0]);
        structuredClone(buf.buffer, { transfer: [buf.buffer as ArrayBuffer] });
        return MessageResult.dropMsgSize(1);
      }));
    assert.deepEqual(got, [...small]);
  });

  it("a handler that transfers away what it does not drop gets InvalidMessageResultError", () => {
    const reader = newReader();
    feed(reader, new Uint8Array(20_000), () =>
      assert.throws(
        () =>
          reader.tryReadFastRead(NO_CONTEXT, (buf) => {
            structuredClone(buf.buffer, {
              transfer: [buf.buffer as ArrayBuffer],
            });
            return MessageResult.dropMsgSize(1);
          }),
        InvalidMessageResultError,
      ));
  });

  it("what a handler puts on the buf that it is given is no concern of others", () => {
    const pool = new BufferPool();
    const [reader, other] = [newReader({}, pool), newReader({}, pool)];
    const take = (size: number, content: number) => (buf: Uint8Array) => {
      if (buf[size - 1] === undefined) return MessageResult.expectMsgSize(size);
      for (let i = 0; i < size; i++) assert.equal(buf[i], content);
      poison(buf);
      return MessageResult.dropMsgSize(size);
    };
    const owners = [[], [reader], [other], [reader, other]];
    let content = 0;
    for (const size of [1, 100, 4096, 8192, 10_000, 65_536, 100_000, 4096]) {
      for (const cut of [0, 1, Math.floor(size / 2), size]) {
        for (const givers of owners) {
          for (const one of [reader, other]) {
            content = (content + 1) % 251;
            const bytes = new Uint8Array(size).fill(content);
            for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
              if (part.length === 0) continue;
              const read = () =>
                one.tryReadFastRead(NO_CONTEXT, take(size, content));
              if (givers.includes(one)) feedGiven(one, part, read);
              else feed(one, part, read);
            }
            assert.equal(one.bytesBuffered, 0);
          }
        }
      }
    }
    const whole = newReader({}, pool);
    for (const [size, read] of [[4096, 4096], [100, 250], [100, 250]]) {
      const chunk = new Uint8Array(read).fill(5);
      whole.receive(chunk, read);
      whole.tryReadFastRead(NO_CONTEXT, (buf) => {
        poison(buf);
        return take(size, 5)(buf);
      });
      whole.retain();
    }
    assert.equal(whole.bytesBuffered, 0);
  });

  it("nor is it if adapters go on reading into the buffer that was full", () => {
    const pool = new BufferPool();
    const [reader, other] = [newReader({}, pool), newReader({}, pool)];
    for (const room of [64, 128, 256]) {
      const shared = new Uint8Array(room * 1024);
      for (const length of [shared.length, shared.length, 5000, 10]) {
        for (const one of [reader, other]) {
          shared.fill(room - 1, 0, length);
          one.receive(shared, length);
          one.tryReadFastRead(NO_CONTEXT, (buf) => {
            if (buf[length - 1] === undefined) {
              return MessageResult.expectMsgSize(length);
            }
            assert.equal(buf[0], room - 1);
            poison(buf);
            return MessageResult.dropMsgSize(length);
          });
          one.retain();
        }
      }
    }
  });

  it("a message whose buffer a handler transferred away and threw, is forgotten", () => {
    for (const size of [4096, 20_000]) {
      const reader = newReader();
      const thrown = new Error("from the handler");
      const read = (handler: (buf: Uint8Array) => MessageResult) => {
        const chunk = new Uint8Array(size);
        reader.receive(chunk, size);
        try {
          reader.tryReadFastRead(NO_CONTEXT, handler);
        } finally {
          reader.retain();
        }
      };
      let countSeen = 0;
      const count = (buf: Uint8Array) => {
        countSeen += buf.length;
        return MessageResult.dropMsgSize(buf.length);
      };
      read(count);
      assert.throws(
        () =>
          read((buf) => {
            structuredClone(buf.buffer, {
              transfer: [buf.buffer as ArrayBuffer],
            });
            throw thrown;
          }),
        thrown,
      );
      assert.equal(reader.bytesBuffered, 0);
      countSeen = 0;
      read(count);
      assert.equal(countSeen, size);
    }
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
      assert.equal(reader.bytesBuffered, 0);
      feed(
        reader,
        Uint8Array.of(7),
        () =>
          reader.tryReadFastRead(
            NO_CONTEXT,
            (buf, _ctx, newBytes, decodedMsgSize) => {
              assert.deepEqual([...buf, newBytes, decodedMsgSize], [7, 1, 0]);
              return MessageResult.dropMsgSize(1);
            },
          ),
      );
      assert.equal(reader.bytesBuffered, 0);
    }
  });

  it("a handler that pauses it, or clears it, in a large read of small messages is not called again", () => {
    for (const stop of ["pause", "clear"] as const) {
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
            if (stop === "pause") reader.isPaused = true;
            else reader.clear();
            return MessageResult.expectMsgSize(0);
          });
        });
      read(Infinity); // it learns that the messages are small
      read(0);
      assert.equal(isStopped, true);
      assert.equal(reader.bytesBuffered, stop === "pause" ? 30_000 : 0);
    }
  });

  it("a read of another connection from inside a handler does nothing, neither to the message at hand nor to the other's", () => {
    const pool = new BufferPool();
    const reader = newReader({}, pool);
    const other = newReader({}, pool);
    const othersMessages: number[][] = [];
    const readOther = () =>
      other.tryReadFastRead(NO_CONTEXT, (buf) => {
        othersMessages.push([...buf]);
        return MessageResult.dropMsgSize(buf.length);
      });
    feed(other, Uint8Array.of(7, 7), () => {});
    let message: number[] = [];
    feed(
      reader,
      Uint8Array.of(1, 2, 3),
      () =>
        reader.tryReadFastRead(NO_CONTEXT, (buf) => {
          readOther();
          message = [...buf];
          return MessageResult.dropMsgSize(3);
        }),
    );
    assert.deepEqual(message, [1, 2, 3]);
    assert.deepEqual(othersMessages, []);
    readOther();
    assert.deepEqual(othersMessages, [[7, 7]]);
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
      Symbol("1"),
      Object.create(null),
      { valueOf: () => assert.fail("asked for its value") },
      {
        toString() {
          throw new Error("no text");
        },
      },
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
            (_buf, _ctx, _newBytes, decodedMsgSize) => {
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

  it("of more than maxMessageSize that was kept, as much at a time is handed out, and nothing is lost", () => {
    for (const strategy of STRATEGIES) {
      for (const maxMessageSize of [1, 100, 9000, 70_000]) {
        const reader = newReader({ maxMessageSize });
        const bytes = new Uint8Array(200_000).map((_, i) => i % 251);
        feed(reader, bytes.subarray(0, 150_000), () => {});
        const got: number[] = [];
        feed(
          reader,
          bytes.subarray(150_000),
          () =>
            reader[strategy](NO_CONTEXT, (buf) => {
              assert.ok(buf.length <= maxMessageSize, `${buf.length} at once`);
              for (const byte of buf) got.push(byte);
              return MessageResult.dropMsgSize(buf.length);
            }),
        );
        assert.deepEqual(Uint8Array.from(got), bytes);
        assert.equal(reader.bytesBuffered, 0);
      }
    }
  });

  it("the buffer of a message of unknown size has twice the room of what is there, and never more than maxMessageSize unless a read brings it", () => {
    const maxMessageSize = 5_000_000; // larger ones are not rounded up
    for (const readSize of [1000, 65_536, 600_000]) {
      const pool = new CountingPool();
      const reader = newReader({ maxMessageSize }, pool);
      const gather = () => MessageResult.expectMsgSize(0);
      let held = 0;
      const read = () => {
        pool.asked = 0;
        held += readSize;
        feed(
          reader,
          new Uint8Array(readSize),
          () => reader.tryReadFastRead(NO_CONTEXT, gather),
        );
      };
      while (held + readSize < maxMessageSize) {
        read();
        assert.ok(pool.asked <= Math.max(1024, 2 * held), `${pool.asked}`);
        assert.ok(pool.asked <= maxMessageSize, `${pool.asked}`);
        assert.ok(pool.out <= Math.max(4096, 4 * held), `${pool.out}`);
        assert.ok(pool.out <= 2 ** 23, `${pool.out}`);
      }
      assert.throws(read, MessageTooLargeError);
      assert.ok(pool.asked <= maxMessageSize + readSize, `${pool.asked}`);
    }
  });

  it("the buffer of a message of known size has no more room than that, whatever recvBufferMinSize is", () => {
    for (const size of [5000, 70_000, 5_000_000]) {
      const pool = new CountingPool();
      const reader = newReader({ recvBufferMinSize: 2 ** 20 }, pool);
      for (let held = 0; held < size; held += 1000) {
        feed(
          reader,
          new Uint8Array(1000),
          () =>
            reader.tryReadFastRead(
              NO_CONTEXT,
              (_buf, _ctx, _newBytes, decodedMsgSize) =>
                decodedMsgSize === size
                  ? MessageResult.dropMsgSize(size)
                  : MessageResult.expectMsgSize(size),
            ),
        );
        assert.ok(pool.asked <= size, `${pool.asked} for ${size}`);
      }
      assert.equal(pool.out, 0);
    }
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
      assert.throws(more, MessageTooLargeError); // it wants more than that
      const exact = newReader({ maxMessageSize: 100 });
      let dropped = 0;
      feed(
        exact,
        new Uint8Array(300),
        () =>
          exact[strategy](
            NO_CONTEXT,
            (buf, _ctx, _newBytes, decodedMsgSize) => {
              if (buf.length < 100 || decodedMsgSize === 0) {
                return MessageResult.expectMsgSize(100);
              }
              dropped += 100;
              return MessageResult.dropMsgSize(100);
            },
          ),
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
    const reader = newReader({}, pool);
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
    assert.equal(reader.bytesBuffered, 0);
    assert.ok(pool.bytesKept > 0);
  });
});
