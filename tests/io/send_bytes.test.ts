import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { InvalidSliceError } from "../../src/api/errors.ts";
import type { SendResult } from "../../src/api/send_result.ts";
import { borrow, ScriptedSender, takeAll } from "./scripted_sender.ts";

/** The ways to send a view; each returns how many bytes of it were taken, if it tells. */
const SENDS: Record<
  string,
  (fixture: ScriptedSender, view: ArrayBufferView) => unknown
> = {
  sendOrQueue: ({ sender }, view) => void sender.sendOrQueue(view),
  "sendOrQueue, completion": ({ sender }, view) =>
    void sender.sendOrQueue(view, () => {}),
  sendSlice: ({ sender }, view) => void sender.sendSlice(view, 0, sizeOf(view)),
  sendNoQueue: ({ sender }, view) => sender.sendNoQueue(view),
  "AutoSendBuffer.write": ({ sender }, view) => {
    const buffer = sender.acquireSend();
    try {
      return buffer.write(view);
    } finally {
      buffer[Symbol.dispose]();
    }
  },
};

/** The true one, whatever the view says. */
function sizeOf(view: ArrayBufferView): number {
  const prototype = view instanceof DataView
    ? DataView.prototype
    : Object.getPrototypeOf(Uint8Array.prototype);
  return Reflect.get(prototype, "byteLength", view);
}

class Own extends Uint8Array {
  static get [Symbol.species](): never {
    return assert.fail("asked for its species");
  }
}

/** Views of every kind of the `size` bytes in the middle of `buffer`. */
function viewsOf(buffer: ArrayBufferLike, size: number): ArrayBufferView[] {
  return [
    new Uint8Array(buffer, 8, size),
    new Uint8ClampedArray(buffer, 8, size),
    new Int8Array(buffer, 8, size),
    new Int16Array(buffer, 8, size / 2),
    new Uint16Array(buffer, 8, size / 2),
    new Int32Array(buffer, 8, size / 4),
    new Uint32Array(buffer, 8, size / 4),
    new Float32Array(buffer, 8, size / 4),
    new Float64Array(buffer, 8, size / 8),
    new BigInt64Array(buffer, 8, size / 8),
    new BigUint64Array(buffer, 8, size / 8),
    new DataView(buffer, 8, size),
    Buffer.from(buffer as ArrayBuffer, 8, size),
    new Own(buffer as ArrayBuffer, 8, size),
  ];
}

/** A buffer with `size` bytes in its middle, and these. */
function filled<B extends ArrayBufferLike>(
  buffer: B,
  size: number,
): { buffer: B; content: Uint8Array } {
  const bytes = new Uint8Array(buffer).map((_, i) => 7 * i + (i >> 8));
  new Uint8Array(buffer).set(bytes);
  return { buffer, content: bytes.slice(8, 8 + size) };
}

/** All that `fixture` sends when the turn ends, however its socket takes it. */
function sentBy(fixture: ScriptedSender): Uint8Array {
  fixture.sender.flush();
  while (fixture.sender.bytesQueued > 0) fixture.drain();
  return Uint8Array.from(fixture.socket.received);
}

/** Compared as bytes first: what tells arrays apart takes its time. */
function assertSends(
  fixture: ScriptedSender,
  content: Uint8Array,
  what: string,
): void {
  const sent = sentBy(fixture);
  if (Buffer.compare(sent, content) !== 0) {
    assert.deepEqual(sent, content, what);
  }
}

/** A sender whose socket counts what it takes, and one whose socket borrows. */
function fixtures(): ScriptedSender[] {
  return [new ScriptedSender(takeAll), new ScriptedSender(borrow, true)];
}

/** `view` with properties of its own, which nobody is to ask for. */
function withOwnProperties<V extends ArrayBufferView>(view: V): V {
  for (
    const name of [
      "byteLength",
      "byteOffset",
      "buffer",
      "subarray",
      "slice",
      "set",
      "constructor",
      "BYTES_PER_ELEMENT",
      Symbol.iterator,
      Symbol.toStringTag,
      Symbol.toPrimitive,
      "valueOf",
    ]
  ) {
    Object.defineProperty(view, name, {
      get: () => assert.fail(`asked for ${String(name)}`),
    });
  }
  return view;
}

/** Lengths that are not those of a view. */
const LIES = [
  1e6,
  5000,
  1000,
  10,
  1,
  0,
  -1,
  1.5,
  Infinity,
  NaN,
  "8",
  null,
  undefined,
  {},
  [8],
];

function transferred<V extends ArrayBufferView>(view: V): V {
  const buffer = view.buffer as ArrayBuffer;
  structuredClone(buffer, { transfer: [buffer] });
  return view;
}

/** Values that are not views, and what the error calls them. */
const NO_VIEWS: [unknown, RegExp][] = [
  [undefined, /undefined/],
  [null, /null/],
  [7, /number/],
  [7n, /bigint/],
  [true, /boolean/],
  [Symbol("x"), /symbol/],
  [() => {}, /function/],
  [[1, 2, 3], /Array/],
  [new ArrayBuffer(4), /ArrayBuffer/],
  [new SharedArrayBuffer(4), /SharedArrayBuffer/],
  [{}, /Object/],
  [Object.create(null), /Object/],
  [{ length: 3, BYTES_PER_ELEMENT: 1, 0: 1, 1: 2, 2: 3 }, /Object/],
  [Object.create(Uint8Array.prototype), /Object|Uint8Array/],
  [Object("text"), /String/],
  [new Proxy(new Uint8Array(3), {}), /Object|Uint8Array/],
  [
    new Proxy(new Uint8Array(3), {
      get: () => assert.fail("asked"),
      getPrototypeOf: () => assert.fail("asked"),
      has: () => assert.fail("asked"),
    }),
    /object/i,
  ],
  [revoked(), /object/i],
  [
    {
      get [Symbol.toStringTag]() {
        throw new Error("no name");
      },
    },
    /object/i,
  ],
  [{ [Symbol.toStringTag]: "x".repeat(100_000) }, /x{50}/],
];

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable(new Uint8Array(3), {});
  revoke();
  return proxy;
}

describe("What is sent", () => {
  for (const [name, send] of Object.entries(SENDS)) {
    it(`may be any view by ${name}: its bytes go out, whatever numbers it shows`, () => {
      for (const size of [0, 8, 1000, 16 * 1024, 100_000]) {
        for (const isShared of [false, true]) {
          const { buffer, content } = filled(
            isShared
              ? new SharedArrayBuffer(size + 24)
              : new ArrayBuffer(size + 24),
            size,
          );
          for (const view of viewsOf(buffer, size)) {
            for (const fixture of fixtures()) {
              const taken = send(fixture, view);
              const what = `${size} bytes of ${view.constructor.name}`;
              if (taken !== undefined) assert.equal(taken, size, what);
              assertSends(fixture, content, what);
            }
          }
        }
      }
    });

    it(`is by ${name} what a view has, whatever properties somebody has put on it`, () => {
      for (const size of [8, 1000, 20_000]) {
        const { buffer, content } = filled(new ArrayBuffer(size + 24), size);
        for (const view of viewsOf(buffer, size).map(withOwnProperties)) {
          for (const fixture of fixtures()) {
            send(fixture, view);
            assertSends(fixture, content, `${size} bytes`);
          }
        }
      }
    });

    it(`is by ${name} what a view has, whatever length it says, more or less, and however that changes`, () => {
      for (const size of [8, 900, 10_000, 100_000]) {
        const { buffer, content } = filled(new ArrayBuffer(size + 24), size);
        const expected = Uint8Array.of(...content, 2);
        for (const lie of LIES) {
          for (const isAlwaysALie of [true, false]) {
            for (const fixture of fixtures()) {
              let countAsked = 0;
              const view = new Uint8Array(buffer, 8, size);
              Object.defineProperty(view, "length", {
                get: () => countAsked++ > 0 || isAlwaysALie ? lie : size,
              });
              send(fixture, view);
              fixture.sender.sendOrQueue(Uint8Array.of(2));
              const what = `${size} bytes that say ${lie}`;
              assertSends(fixture, expected, what);
            }
          }
        }
      }
    });

    it(`is nothing by ${name}, and nothing else is touched, if the length of the view is a getter that throws`, () => {
      const thrown = new Error("no length");
      for (const fixture of fixtures()) {
        const view = new Uint8Array(100);
        Object.defineProperty(view, "length", {
          get() {
            throw thrown;
          },
        });
        assert.throws(() => send(fixture, view), thrown);
        assert.equal(fixture.sender.pendingCount, 0);
        fixture.sender.sendOrQueue(Uint8Array.of(3));
        assert.deepEqual(sentBy(fixture), Uint8Array.of(3));
      }
    });

    it(`is nothing by ${name} if the buffer of the view was transferred away`, () => {
      const buffers = [64, 64, 64, 64].map((size) => new ArrayBuffer(size));
      const views = [
        new Uint8Array(buffers[0]),
        new Uint16Array(buffers[1], 8, 4),
        new DataView(buffers[2], 8),
        Buffer.from(buffers[3]),
      ];
      for (const view of views) {
        transferred(view);
        for (const fixture of fixtures()) {
          if (name === "sendSlice") fixture.sender.sendSlice(view, 0, 0);
          else send(fixture, view);
          assert.equal(sentBy(fixture).length, 0);
        }
      }
    });

    it(`is refused by ${name} with InvalidSliceError, which names it, unless it is a view, and nothing else is touched`, () => {
      for (const [value, names] of NO_VIEWS) {
        for (const fixture of fixtures()) {
          fixture.sender.sendOrQueue(Uint8Array.of(1, 2));
          const sendIt = () =>
            name === "sendSlice"
              ? fixture.sender.sendSlice(value as ArrayBufferView, 0, 1)
              : send(fixture, value as ArrayBufferView);
          assert.throws(
            sendIt,
            (error) =>
              error instanceof InvalidSliceError && names.test(error.message) &&
              error.message.length < 250,
            String(names),
          );
          assert.equal(fixture.sender.pendingCount, 0);
          fixture.sender.sendOrQueue(Uint8Array.of(3));
          assert.deepEqual(sentBy(fixture), Uint8Array.of(1, 2, 3));
        }
      }
    });
  }

  it("may be a text for AutoSendBuffer.writeText alone, which takes nothing else", () => {
    const fixture = new ScriptedSender(takeAll);
    const text = "text" as unknown as ArrayBufferView;
    for (const [name, send] of Object.entries(SENDS)) {
      const sendIt = () =>
        name === "sendSlice"
          ? fixture.sender.sendSlice(text, 0, 4)
          : send(fixture, text);
      assert.throws(sendIt, InvalidSliceError, name);
    }
    const buffer = fixture.sender.acquireSend();
    buffer.writeText("text");
    for (const [value] of [...NO_VIEWS, [new Uint8Array(4)]]) {
      assert.throws(() => buffer.writeText(value as string), InvalidSliceError);
    }
    buffer.send();
    assert.equal(new TextDecoder().decode(sentBy(fixture)), "text");
    buffer[Symbol.dispose]();
  });

  it("that is refused takes nothing from the scope of its AutoSendBuffer", () => {
    const fixture = new ScriptedSender(takeAll);
    {
      const buffer = fixture.sender.acquireSend();
      buffer.writeText("before, ");
      for (const [value] of NO_VIEWS) {
        assert.throws(
          () => buffer.write(value as ArrayBufferView),
          InvalidSliceError,
        );
        assert.equal(buffer.bytesWritten, 8);
      }
      buffer.writeText("after");
      buffer[Symbol.dispose]();
    }
    assert.equal(new TextDecoder().decode(sentBy(fixture)), "before, after");
  });

  it("that was written to an AutoSendBuffer whose buffer was transferred away is gone, with InvalidSliceError, and what is written after clear is sent", () => {
    const fixture = new ScriptedSender(takeAll);
    {
      const buffer = fixture.sender.acquireSend();
      buffer.writeText("gone");
      transferred(buffer.getWritten());
      assert.throws(() => buffer.writeText("more"), InvalidSliceError);
      assert.throws(() => buffer.getWritten(), InvalidSliceError);
      assert.throws(() => buffer.send(), InvalidSliceError);
      buffer.clear();
      buffer.writeText("sent");
      buffer[Symbol.dispose]();
    }
    assert.equal(new TextDecoder().decode(sentBy(fixture)), "sent");
  });

  it("that was shown by getWritten, sent, and transferred away before the turn ends fails the connection, and nothing that is sent behind it throws", () => {
    for (const sends of ["sendOrQueue", "the same buffer", "another"]) {
      const fixture = new ScriptedSender(takeAll);
      const { sender } = fixture;
      const buffer = sender.acquireSend();
      buffer.writeText("gone");
      const shown = buffer.getWritten();
      buffer.send();
      transferred(shown);
      if (sends === "sendOrQueue") {
        sender.sendOrQueue(Uint8Array.of(1));
      } else {
        const next = sends === "another" ? sender.acquireSend() : buffer;
        next.writeUint32(1);
        next.writeFloat64(1);
        next.send();
      }
      assert.equal(sender.bytesQueued, sends === "sendOrQueue" ? 5 : 16);
      sender.flush();
      assert.ok(fixture.failures[0] instanceof InvalidSliceError, sends);
      assert.equal(fixture.socket.countWrites, 0);
    }
  });

  it("may be as large as its view has grown to, or shrunk", () => {
    const buffer = new ArrayBuffer(16, { maxByteLength: 64 } as never);
    const view = new Uint8Array(buffer).fill(1);
    const data = new DataView(buffer);
    const beyond = new Uint8Array(buffer, 8, 8);
    (buffer as unknown as { resize(size: number): void }).resize(32);
    for (const [name, send] of Object.entries(SENDS)) {
      if (name === "sendSlice") continue;
      for (const all of [view, data]) {
        const fixture = new ScriptedSender(takeAll);
        send(fixture, all);
        assert.equal(sentBy(fixture).length, 32, name);
      }
    }
    (buffer as unknown as { resize(size: number): void }).resize(8);
    const fixture = new ScriptedSender(takeAll);
    fixture.sender.sendOrQueue(view);
    assert.equal(sentBy(fixture).length, 8);
    fixture.sender.sendOrQueue(beyond.subarray(0, 0));
    fixture.sender.sendOrQueue(beyond);
    assert.equal(sentBy(fixture).length, 8);
  });

  it("by sendSlice is within the bytes of a view, counted in bytes", () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    for (
      const view of [new Uint16Array(bytes.buffer), new DataView(bytes.buffer)]
    ) {
      const fixture = new ScriptedSender(takeAll);
      fixture.sender.sendSlice(view, 3, 8);
      assert.throws(
        () => fixture.sender.sendSlice(view, 3, 9),
        (error) =>
          error instanceof InvalidSliceError &&
          error.message === "Cannot send 3 to 9 of 8 bytes",
      );
      assert.deepEqual(sentBy(fixture), bytes.slice(3));
    }
  });

  it("by sendSlice has bounds that are numbers: nobody else is asked for one", () => {
    const asked = { valueOf: () => assert.fail("asked") };
    const bounds = [asked, Symbol("1"), 1n, "1", null, undefined, [1], {}];
    const { pool, sender } = new ScriptedSender(takeAll);
    const read = Uint8Array.of(1, 2, 3, 4);
    pool.readContext.beginRead(sender, read, read.length);
    pool.readContext.load(read.length, undefined);
    const own = pool.readContext.show(4);
    sender.sendSlice(own, 0, 1);
    for (const bytes of [own, new Uint8Array(4)]) {
      for (const bound of bounds as number[]) {
        for (const [start, end] of [[bound, 2], [1, bound]]) {
          assert.throws(
            () => sender.sendSlice(bytes, start, end),
            InvalidSliceError,
          );
        }
      }
    }
    assert.equal(sender.bytesQueued, 1);
  });

  it("of a length that overflows the queue is refused by its true size, and told once", () => {
    const fixture = new ScriptedSender(takeAll, false, {
      maxSendQueue: 10,
      sendQueueOverflow: "reject",
    });
    const told: SendResult[] = [];
    const tell = (result: SendResult) => void told.push(result);
    assert.throws(() => fixture.sender.sendOrQueue(new Uint16Array(6), tell));
    fixture.sender.sendOrQueue(new Uint16Array(5), tell);
    assert.equal(sentBy(fixture).length, 10);
    fixture.sender.pending?.settle();
    assert.deepEqual(told, [{ ok: true }]);
  });
});
