import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import {
  BinaryReader,
  CodecError,
  InvalidOptionError,
  InvalidSliceError,
  InvalidTextError,
  ReadOutOfBoundsError,
  UnreadBytesError,
} from "../../mod.ts";
import { hex } from "./streams.ts";

/** How each number is read, how many bytes it has, and how the language reads it. */
const NUMBERS: [
  name: string,
  size: number,
  read: (reader: BinaryReader, le?: boolean) => number | bigint,
  expected: (view: DataView, le?: boolean) => number | bigint,
][] = [
  ["Uint8", 1, (it) => it.readUint8(), (it) => it.getUint8(0)],
  ["Int8", 1, (it) => it.readInt8(), (it) => it.getInt8(0)],
  ["Uint16", 2, (it, le) => it.readUint16(le), (it, le) => it.getUint16(0, le)],
  ["Int16", 2, (it, le) => it.readInt16(le), (it, le) => it.getInt16(0, le)],
  ["Uint24", 3, (it, le) => it.readUint24(le), (it, le) => bits24(it, le)],
  [
    "Int24",
    3,
    (it, le) => it.readInt24(le),
    (it, le) => bits24(it, le) << 8 >> 8,
  ],
  ["Uint32", 4, (it, le) => it.readUint32(le), (it, le) => it.getUint32(0, le)],
  ["Int32", 4, (it, le) => it.readInt32(le), (it, le) => it.getInt32(0, le)],
  [
    "BigUint64",
    8,
    (it, le) => it.readBigUint64(le),
    (it, le) => it.getBigUint64(0, le),
  ],
  [
    "BigInt64",
    8,
    (it, le) => it.readBigInt64(le),
    (it, le) => it.getBigInt64(0, le),
  ],
  [
    "Float32",
    4,
    (it, le) => it.readFloat32(le),
    (it, le) => it.getFloat32(0, le),
  ],
  [
    "Float64",
    8,
    (it, le) => it.readFloat64(le),
    (it, le) => it.getFloat64(0, le),
  ],
];

function bits24(view: DataView, littleEndian?: boolean): number {
  return littleEndian
    ? view.getUint16(0, true) | view.getUint8(2) << 16
    : view.getUint8(0) << 16 | view.getUint16(1);
}

const SAMPLES = [
  "00 00 00 00 00 00 00 00",
  "ff ff ff ff ff ff ff ff",
  "80 00 00 00 00 00 00 00",
  "7f ff ff ff ff ff ff ff",
  "01 02 03 04 05 06 07 08",
  "f1 e2 d3 c4 b5 a6 97 88",
  "00 00 00 00 00 00 f0 3f",
  "40 09 21 fb 54 44 2d 18",
];

describe("BinaryReader", () => {
  for (const [name, size, read, expected] of NUMBERS) {
    it(`reads ${name} as a DataView does, in both byte orders, and nothing beyond the end`, () => {
      for (const sample of SAMPLES) {
        for (const littleEndian of [undefined, false, true]) {
          const bytes = hex("aa", sample, "bb");
          const view = new DataView(bytes.buffer, 1, size);
          const reader = new BinaryReader(bytes, 1, 1 + size);
          assert.equal(
            read(reader, littleEndian),
            expected(view, littleEndian),
          );
          assert.equal(reader.offset, size);
          assert.equal(reader.remaining, 0);
          reader.reset(bytes, 1, size);
          assert.throws(() => read(reader, littleEndian), ReadOutOfBoundsError);
          assert.equal(reader.offset, 0);
        }
      }
    });
  }

  it("reads one thing behind the other, and knows how much is left", () => {
    const reader = new BinaryReader(hex("00 01 02 03 04 05 06 07 08 09"), 1, 9);
    assert.equal(reader.readUint8(), 1);
    reader.skip(2);
    assert.equal(reader.offset, 3);
    assert.equal(reader.remaining, 5);
    assert.equal(reader.readUint16(), 0x0405);
    assert.deepEqual(reader.readBytes(2), hex("06 07"));
    assert.throws(() => reader.end(), UnreadBytesError);
    assert.deepEqual(reader.readView(), hex("08"));
    reader.end();
  });

  it("says what was wanted where, if it is not there, and has then read nothing", () => {
    const reader = new BinaryReader(hex("00 01 02 03"));
    reader.skip(1);
    const tries: [(reader: BinaryReader) => unknown, string][] = [
      [(it) => it.readUint32(), "4"],
      [(it) => it.readBytes(100), "100"],
      [(it) => it.readView(4), "4"],
      [(it) => it.readText(4), "4"],
      [(it) => it.skip(4), "4"],
      [(it) => it.skip(-1), "-1"],
      [(it) => it.readBytes(1.5), "1.5"],
      [(it) => it.readView(NaN), "NaN"],
      [(it) => it.skip("1" as unknown as number), '"1"'],
    ];
    for (const [read, count] of tries) {
      assert.throws(
        () => read(reader),
        (error) =>
          error instanceof ReadOutOfBoundsError &&
          error instanceof CodecError &&
          error.message ===
            `Cannot read ${count} bytes at offset 1 of a frame of 4`,
      );
      assert.equal(reader.remaining, 3);
    }
  });

  it("reads a text behind its size, or nothing of it", () => {
    const reader = new BinaryReader(hex("00 02 68 69 00 03 68 69"));
    assert.equal(reader.readPrefixedText(2), "hi");
    for (const bytes of [2, 4] as const) {
      assert.throws(
        () => reader.readPrefixedText(bytes),
        ReadOutOfBoundsError,
      );
      assert.equal(reader.offset, 4);
    }
    assert.throws(() => reader.readPrefixedText(0 as 1), InvalidOptionError);
    const wrong = hex("01 ff");
    assert.throws(
      () => new BinaryReader(wrong).readPrefixedText(1),
      InvalidTextError,
    );
    assert.equal(
      new BinaryReader(wrong).readPrefixedText(1, false, "replace"),
      "\ufffd",
    );
    const large = new BinaryReader(hex("ff ff ff ff 00"));
    assert.throws(() => large.readPrefixedText(4), ReadOutOfBoundsError);
  });

  it("reads a text up to the byte that ends it, or nothing of it", () => {
    const reader = new BinaryReader(hex("00 68 69 00 00 61 3b 62 00"), 1, 8);
    assert.equal(reader.readTextUntil(), "hi");
    assert.equal(reader.offset, 3);
    assert.equal(reader.readTextUntil(0), "");
    assert.equal(reader.readTextUntil(0x3b), "a");
    assert.throws( // the next 0 is behind the end of the frame
      () => reader.readTextUntil(),
      (error) =>
        error instanceof ReadOutOfBoundsError &&
        error.message.includes("a byte of value 0 from offset 6"),
    );
    assert.equal(reader.offset, 6);
    const wrong = hex("ff 00");
    assert.throws(
      () => new BinaryReader(wrong).readTextUntil(),
      InvalidTextError,
    );
    assert.equal(
      new BinaryReader(wrong).readTextUntil(0, "replace"),
      "\ufffd",
    );
    for (const end of [-1, 128, 0.5]) {
      assert.throws(
        () => new BinaryReader(wrong).readTextUntil(end),
        InvalidOptionError,
      );
    }
  });

  it("gives copies and views of bytes, plain arrays of which the copies are the caller's", () => {
    const bytes = Buffer.from([1, 2, 3, 4]);
    const reader = new BinaryReader(bytes);
    const copy = reader.readBytes(2);
    const view = reader.readView(2);
    bytes.fill(9);
    assert.deepEqual(copy, hex("01 02"));
    assert.deepEqual(view, hex("09 09"));
    assert.deepEqual(reader.readBytes(), hex(""));
    for (const it of [copy, view]) assert.equal(it.constructor, Uint8Array);
  });

  it("reads text of UTF-8, and refuses what is none, or repairs it if that is asked for", () => {
    for (
      const text of ["", "a", "grüße, €, 😀", "\ufeffa", "x".repeat(100), "\0"]
    ) {
      const bytes = new TextEncoder().encode(text);
      assert.equal(new BinaryReader(bytes).readText(), text);
      assert.equal(
        new BinaryReader(bytes).readText(bytes.length, "replace"),
        text,
      );
    }
    const bad = hex("61 ff 62");
    const reader = new BinaryReader(bad);
    assert.throws(
      () => reader.readText(),
      (error) => error instanceof InvalidTextError && error.cause !== undefined,
    );
    reader.reset(bad);
    assert.equal(reader.readText(3, "replace"), "a\ufffdb");
  });

  it("refuses a frame that is none, and stays where it was", () => {
    const reader = new BinaryReader(hex("01 02"));
    const bytes = hex("03 04");
    const tries = [
      () => reader.reset("text" as unknown as Uint8Array),
      () => reader.reset(undefined as unknown as Uint8Array),
      () => reader.reset(bytes, 0, 3),
      () => reader.reset(bytes, 2, 1),
      () => reader.reset(bytes, -1),
      () => reader.reset(bytes, 0.5),
    ];
    for (const reset of tries) assert.throws(reset, InvalidSliceError);
    assert.equal(reader.readUint16(), 0x0102);
    assert.equal(new BinaryReader().remaining, 0);
  });
});
