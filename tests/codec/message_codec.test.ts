import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type BinaryReader,
  BinaryWriter,
  type ByteWriter,
  type Codec,
  delimited,
  fixed,
  FrameTooLargeError,
  InvalidCodecError,
  lengthPrefixed,
  lines,
  messageCodec,
  MessageResult,
  type PayloadFraming,
  ReadOutOfBoundsError,
  UnreadBytesError,
  varintPrefixed,
} from "../../mod.ts";
import { newReader } from "../io/readers.ts";
import { framesOf, hex, written } from "./streams.ts";

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Bytes that are neither a delimiter nor a line break below. */
const POINTS: Point[] = [{ x: 0x21, y: 0x7e }, { x: 0x30, y: 0x31 }];

const format = {
  decode: (reader: BinaryReader): Point => ({
    x: reader.readUint8(),
    y: reader.readUint8(),
  }),
  encode({ x, y }: Point, writer: ByteWriter): void {
    writer.writeUint8(x);
    writer.writeUint8(y);
  },
};

const FRAMINGS: [name: string, framing: PayloadFraming, frame: string][] = [
  ["lengthPrefixed", lengthPrefixed({ bytes: 2 }), "00 02 21 7e"],
  [
    "lengthPrefixed of 3 bytes, little-endian",
    lengthPrefixed({ bytes: 3, endian: "little" }),
    "02 00 00 21 7e",
  ],
  [
    "lengthPrefixed of 8 bytes",
    lengthPrefixed({ bytes: 8, includesHeader: true }),
    "00 00 00 00 00 00 00 0a 21 7e",
  ],
  ["varintPrefixed", varintPrefixed(), "02 21 7e"],
  ["delimited", delimited(hex("00 01")), "21 7e 00 01"],
  ["lines", lines({ ending: "\r\n" }), "21 7e 0d 0a"],
  ["fixed", fixed(2), "21 7e"],
];

describe("messageCodec", () => {
  for (const [name, framing, frame] of FRAMINGS) {
    it(`reads and writes messages in frames of ${name}, behind what is there`, () => {
      const codec = messageCodec(framing, format);
      assert.equal(codec.maxFrameSize, framing.maxFrameSize);
      const [first] = POINTS;
      assert.deepEqual(written((out) => codec.encode(first, out)), hex(frame));
      const stream = written((out) => {
        for (const point of POINTS) codec.encode(point, out);
      });
      for (const size of [1, 3, 100]) {
        const frames = framesOf(codec, stream, size);
        const received = frames.map((it) => codec.decode(stream, ...it));
        assert.deepEqual(received, POINTS);
      }
    });

    it(`that cannot be encoded leaves the writer as it was: ${name}`, () => {
      const out = new BinaryWriter();
      const thrown = new Error("not today");
      const codec = messageCodec(framing, {
        ...format,
        encode(point, writer) {
          writer.writeUint8(point.x);
          if (point.y === 0) throw thrown;
          writer.writeUint8(point.y);
        },
      });
      codec.encode(POINTS[0], out);
      assert.throws(
        () => codec.encode({ x: 1, y: 0 }, out),
        (error) => error === thrown,
      );
      assert.deepEqual(out.getWritten(), hex(frame));
      codec.encode(POINTS[0], out);
      assert.deepEqual(out.take(), hex(frame, frame));
    });

    it(`refuses an encode that returns a promise: ${name}`, async () => {
      const out = new BinaryWriter();
      const codec = messageCodec(framing, {
        ...format,
        encode: async () => {
          await undefined;
          throw new Error("late");
        },
      });
      assert.throws(() => codec.encode(POINTS[0], out), InvalidCodecError);
      assert.equal(out.bytesWritten, 0);
      await new Promise((resolve) => setTimeout(resolve));
    });
  }

  it("refuses an encode that returns what it should have written", () => {
    const out = new BinaryWriter();
    for (const value of ["text", new Uint8Array(3)]) {
      const encode = () => value as unknown as void;
      for (const framing of [lengthPrefixed(), lines(), fixed(2)]) {
        const codec = messageCodec(framing, { ...format, encode });
        assert.throws(
          () => codec.encode(POINTS[0], out),
          (error) =>
            error instanceof InvalidCodecError &&
            /encode returned ("text"|Uint8Array)/.test(error.message),
        );
        assert.equal(out.bytesWritten, 0);
      }
    }
  });

  it("makes no view of a message, and hands out a reader for the call only", () => {
    const bytes = hex("ff 00 02 21 7e ff");
    let kept: BinaryReader | undefined;
    const codec = messageCodec(lengthPrefixed({ bytes: 2 }), {
      ...format,
      decode(reader) {
        kept = reader;
        assert.equal(reader.remaining, 2);
        return reader.readView();
      },
    });
    assert.equal(codec.decode(bytes, 1, 5).buffer, bytes.buffer);
    assert.throws(() => kept?.readUint8(), ReadOutOfBoundsError);
  });

  it("makes a view of a message that comes in like others before it no more", () => {
    const codec = messageCodec(lengthPrefixed({ bytes: 1 }), {
      ...format,
      decode: (reader) => [reader.readView(2), reader.readView()],
    });
    const reader = newReader();
    const views = new Set<Uint8Array>();
    let received: number[] = [];
    const receive = (bytes: Uint8Array) => {
      received = [];
      reader.receive(bytes, bytes.length);
      reader.tryReadFastRead(undefined, (buf) => {
        const size = codec.frameSize(buf, 0, buf.length, 0);
        for (const view of codec.decode(buf, 0, size)) {
          views.add(view);
          received.push(...view);
        }
        return MessageResult.dropMsgSize(size);
      });
      reader.retain(undefined);
    };
    for (const turn of [1, 2, 3, 4, 5]) {
      if (turn === 3) views.clear();
      receive(Uint8Array.of(5, turn, 2, 3, 4, 5, 5, 6, 7, 8, 9, turn));
      assert.deepEqual(received, [turn, 2, 3, 4, 5, 6, 7, 8, 9, turn]);
    }
    assert.equal(views.size, 4);
    receive(Uint8Array.of(4, 1, 2, 3, 4, 6, 6, 7, 8, 9, 10, 11));
    assert.deepEqual(received, [1, 2, 3, 4, 6, 7, 8, 9, 10, 11]);
  });

  it("hands out no reader that reads on later, whatever was left when decode threw", () => {
    let kept: BinaryReader | undefined;
    const codec = messageCodec(fixed(2), {
      ...format,
      decode(reader) {
        kept = reader;
        throw new Error("not this one");
      },
    });
    assert.throws(() => codec.decode(hex("21 7e"), 0, 2), /not this one/);
    assert.equal(kept?.remaining, 0);
  });

  it("throws what decode throws, and reads the next message all the same", () => {
    const thrown = new Error("not this one");
    const codec = messageCodec(fixed(2), {
      ...format,
      decode(reader) {
        const point = format.decode(reader);
        if (point.x === 0) throw thrown;
        return point;
      },
    });
    assert.throws(
      () => codec.decode(hex("00 01"), 0, 2),
      (error) => error === thrown,
    );
    assert.deepEqual(codec.decode(hex("21 7e"), 0, 2), POINTS[0]);
  });

  it("refuses a frame of which decode leaves something, or wants more", () => {
    const codec = messageCodec(lengthPrefixed({ bytes: 1 }), format);
    assert.throws(
      () => codec.decode(hex("03 01 02 03"), 0, 4),
      UnreadBytesError,
    );
    assert.throws(
      () => codec.decode(hex("01 01 02 03"), 0, 2),
      ReadOutOfBoundsError,
    );
  });

  it("may decode and encode messages of its own within a message", () => {
    type Tree = { readonly value: number; readonly left?: Tree | undefined };
    for (const framing of [varintPrefixed(), lengthPrefixed({ bytes: 1 })]) {
      const inner = new BinaryWriter();
      const codec: Codec<Tree> = messageCodec<Tree>(framing, {
        decode(reader) {
          const value = reader.readUint8();
          const size = reader.remaining;
          const rest = reader.readView();
          const left = size > 0 ? codec.decode(rest, 0, size) : undefined;
          return { value, left };
        },
        encode({ value, left }, writer) {
          writer.writeUint8(value);
          if (left !== undefined) codec.encode(left, writer);
        },
      });
      const tree = {
        value: 1,
        left: { value: 2, left: { value: 3, left: undefined } },
      };
      codec.encode(tree, inner);
      const frame = inner.take();
      assert.deepEqual(frame.slice(), hex("05 01 03 02 01 03"));
      assert.deepEqual(codec.decode(frame, 0, frame.length), tree);
    }
  });

  it("refuses to send what is larger than a frame may be, whatever has written it", () => {
    const framings = [
      lengthPrefixed({ bytes: 1, max: 10 }),
      varintPrefixed({ max: 10 }),
      delimited(hex("00"), { max: 10 }),
      lines({ max: 10 }),
    ];
    for (const framing of framings) {
      const codec = messageCodec<number>(framing, {
        decode: () => 0,
        encode: (size, writer) =>
          void writer.write(new Uint8Array(size).fill(1)),
      });
      const out = new BinaryWriter();
      codec.encode(9, out);
      assert.equal(out.bytesWritten, 10);
      for (const size of [10, 1000]) {
        assert.throws(() => codec.encode(size, out), FrameTooLargeError);
        assert.equal(out.bytesWritten, 10);
      }
    }
  });

  it("refuses a framing or a format that lacks a method", () => {
    const bad: [unknown, unknown][] = [
      [undefined, format],
      [{ ...fixed(1) }, format],
      [fixed(1), { decode: format.decode }],
      [fixed(1), null],
    ];
    for (const [framing, functions] of bad) {
      assert.throws(
        () =>
          messageCodec(framing as PayloadFraming, functions as typeof format),
        InvalidCodecError,
      );
    }
  });
});
