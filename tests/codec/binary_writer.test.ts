import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import {
  BinaryReader,
  BinaryWriter,
  CodecError,
  InvalidOptionError,
  InvalidSliceError,
  TextTooLongError,
  WriterFullError,
} from "../../mod.ts";
import { type CaseDraw, property } from "../properties/property.ts";
import { hex } from "./streams.ts";

const NUMBERS = [
  "Uint8",
  "Uint16",
  "Uint24",
  "Uint32",
  "Float64",
  "BigUint64",
] as const;

type Step =
  | {
    readonly do: "number";
    readonly of: typeof NUMBERS[number];
    readonly value: number;
    readonly le: boolean;
  }
  | { readonly do: "text"; readonly text: string }
  | {
    readonly do: "prefixed text";
    readonly text: string;
    readonly le: boolean;
  }
  | { readonly do: "bytes"; readonly size: number }
  | { readonly do: "set"; readonly at: number; readonly bytes: 1 | 2 | 4 }
  | { readonly do: "truncate"; readonly size: number }
  | { readonly do: "take" | "clear" };

function drawStep(draw: CaseDraw): Step {
  const choice = draw.integer(0, 19);
  if (choice < 8) {
    return {
      do: "number",
      of: draw.pick(NUMBERS),
      value: draw.size(2 ** 30),
      le: draw.chance(0.5),
    };
  }
  if (choice < 11) {
    const text = draw.list(4, () => draw.pick(["a", "é", "€", "😀", "\ud800"]));
    const repeated = text.join("").repeat(1 + draw.size(100));
    return draw.chance(0.5)
      ? { do: "prefixed text", text: repeated, le: draw.chance(0.5) }
      : { do: "text", text: repeated };
  }
  if (choice < 14) return { do: "bytes", size: draw.size(500) };
  if (choice < 16) {
    return { do: "set", at: draw.size(300), bytes: draw.pick([1, 2, 4]) };
  }
  if (choice < 18) return { do: "truncate", size: draw.size(500) };
  return { do: draw.pick(["take", "clear"]) };
}

/** The bytes of a number as the language writes it. */
function bytesOf(
  of: typeof NUMBERS[number],
  value: number,
  le: boolean,
): Uint8Array {
  const size =
    { Uint8: 1, Uint16: 2, Uint24: 4, Uint32: 4, Float64: 8, BigUint64: 8 }[of];
  const view = new DataView(new ArrayBuffer(size));
  const bytes = new Uint8Array(view.buffer);
  if (of === "Uint24") {
    view.setUint32(0, value, le);
    return le ? bytes.slice(0, 3) : bytes.slice(1);
  }
  if (of === "BigUint64") view.setBigUint64(0, BigInt(value), le);
  else view[`set${of}`](0, value, le);
  return bytes;
}

/** A writer, and what it has to hold. */
class Pair {
  readonly #writer: BinaryWriter;
  readonly #max: number;
  #content: number[] = [];

  constructor(max: number) {
    this.#writer = new BinaryWriter({ max });
    this.#max = max;
  }

  perform(step: Step): void {
    const writer = this.#writer;
    switch (step.do) {
      case "number": {
        const { of, value, le } = step;
        const bytes = bytesOf(of, value, le);
        if (of === "BigUint64") {
          this.#write(bytes, () => writer.writeBigUint64(BigInt(value), le));
        } else this.#write(bytes, () => writer[`write${of}`](value, le));
        break;
      }
      case "text":
        this.#write(Buffer.from(step.text), () => writer.writeText(step.text));
        break;
      case "prefixed text": {
        const { text, le } = step;
        const bytes = Buffer.from(text);
        this.#write(
          Buffer.concat([bytesOf("Uint16", bytes.length, le), bytes]),
          () => writer.writePrefixedText(text, 2, le),
        );
        break;
      }
      case "bytes": {
        const bytes = new Uint8Array(step.size + 2).map((_, i) => i);
        this.#write(
          bytes.slice(1, step.size + 1),
          () => writer.write(bytes, 1, step.size + 1),
        );
        bytes.fill(0xee); // the caller's again
        break;
      }
      case "set": {
        const { at, bytes } = step;
        const name = `setUint${8 * bytes as 8 | 16 | 32}` as const;
        const set = () => writer[name](at, 0x01020304);
        if (at + bytes > this.#content.length) {
          assert.throws(set, InvalidSliceError);
        } else {
          set();
          this.#content.splice(at, bytes, ...[1, 2, 3, 4].slice(4 - bytes));
        }
        break;
      }
      case "truncate": {
        const truncate = () => writer.truncate(step.size);
        if (step.size > this.#content.length) {
          assert.throws(truncate, InvalidSliceError);
        } else {
          truncate();
          this.#content.length = step.size;
        }
        break;
      }
      case "take": {
        const taken = writer.take();
        assert.deepEqual([...taken], this.#content);
        this.#content = [];
        if (this.#max > 0) writer.writeUint8(1);
        writer.truncate(0);
        taken.fill(0xdd); // ours
        break;
      }
      case "clear":
        writer.clear();
        this.#content = [];
        break;
    }
    assert.equal(writer.bytesWritten, this.#content.length);
    assert.deepEqual([...writer.getWritten()], this.#content);
  }

  #write(bytes: Uint8Array, write: () => number | void): void {
    if (this.#content.length + bytes.length > this.#max) {
      assert.throws(write, WriterFullError);
    } else {
      assert.equal(write() ?? bytes.length, bytes.length);
      this.#content.push(...bytes);
    }
  }
}

describe("BinaryWriter", () => {
  property(
    "holds what was written, as a DataView and TextEncoder write it, up to max",
    {},
    (draw) => ({
      max: draw.pick([2 ** 20, 300, 0]),
      steps: draw.list(30, drawStep),
    }),
    ({ max, steps }) => {
      const pair = new Pair(max);
      for (const step of steps) pair.perform(step);
    },
  );

  it("writes what BinaryReader reads", () => {
    const writer = new BinaryWriter();
    writer.writeUint8(-1);
    writer.writeUint16(-2, true);
    writer.writeUint24(-3);
    writer.writeUint24(0x010203, true);
    writer.writeUint32(-4);
    writer.writeBigUint64(-5n);
    writer.writeFloat32(1.5, true);
    writer.writeFloat64(-2.25);
    writer.writeUint16(writer.bytesWritten);
    writer.writeText("grüße");
    const reader = new BinaryReader(writer.take());
    assert.equal(reader.readInt8(), -1);
    assert.equal(reader.readInt16(true), -2);
    assert.equal(reader.readInt24(), -3);
    assert.equal(reader.readUint24(true), 0x010203);
    assert.equal(reader.readInt32(), -4);
    assert.equal(reader.readBigInt64(), -5n);
    assert.equal(reader.readFloat32(true), 1.5);
    assert.equal(reader.readFloat64(), -2.25);
    assert.equal(reader.readUint16(), 33);
    assert.equal(reader.readText(), "grüße");
    reader.end();
  });

  it("writes a text behind its size in 1 to 4 bytes, in either order, which BinaryReader reads", () => {
    for (const bytes of [1, 2, 3, 4] as const) {
      for (const littleEndian of [undefined, true]) {
        const writer = new BinaryWriter();
        writer.writeUint8(9);
        const count = writer.writePrefixedText("grüße", bytes, littleEndian);
        assert.equal(count, bytes + 7);
        const size = littleEndian ? "07 00 00 00" : "00 00 00 07";
        const shown = hex(size).slice(...littleEndian ? [0, bytes] : [-bytes]);
        assert.deepEqual(writer.getWritten().slice(1, 1 + bytes), shown);
        writer.writePrefixedText("", bytes, littleEndian);
        const reader = new BinaryReader(writer.take());
        reader.skip(1);
        assert.equal(reader.readPrefixedText(bytes, littleEndian), "grüße");
        assert.equal(reader.readPrefixedText(bytes, littleEndian), "");
        reader.end();
      }
    }
  });

  it("refuses a text that its size cannot tell of, and has written nothing of it", () => {
    const writer = new BinaryWriter({ max: 2 ** 24 + 300 });
    writer.writeUint8(9);
    const euros = "€".repeat(86); // 258 bytes
    for (
      const [text, bytes] of [
        ["a".repeat(256), 1],
        [euros, 1],
        ["a".repeat(2 ** 16), 2],
        ["a".repeat(2 ** 24), 3],
      ] as const
    ) {
      assert.throws(
        () => writer.writePrefixedText(text, bytes),
        (error: Error) =>
          error instanceof TextTooLongError && error instanceof CodecError,
      );
      assert.equal(writer.bytesWritten, 1);
    }
    assert.equal(writer.writePrefixedText("a".repeat(255), 1), 256);
    for (const bytes of [0, 5, 1.5, NaN, undefined]) {
      assert.throws(
        () => writer.writePrefixedText("", bytes as 1),
        InvalidOptionError,
      );
    }
    assert.throws(
      () => writer.writePrefixedText(1 as unknown as string, 2),
      InvalidSliceError,
    );
    const full = new BinaryWriter({ max: 6 });
    full.writeUint8(9);
    assert.throws(() => full.writePrefixedText("1234", 2), WriterFullError);
    assert.equal(full.bytesWritten, 1);
    assert.equal(full.writePrefixedText("123", 2), 5);
  });

  it("refuses anything but bytes and text, and a max outside its range", () => {
    const writer = new BinaryWriter();
    const none = [null, "text", [1], new ArrayBuffer(1)];
    for (const it of none) {
      assert.throws(
        () => writer.write(it as unknown as Uint8Array),
        InvalidSliceError,
      );
    }
    assert.throws(() => writer.write(hex("01"), 0, 2), InvalidSliceError);
    assert.throws(
      () => writer.writeText(1 as unknown as string),
      InvalidSliceError,
    );
    for (const size of [1, -1, 0.5, NaN]) {
      assert.throws(() => writer.truncate(size), InvalidSliceError);
    }
    assert.equal(writer.bytesWritten, 0);
    for (const max of [-1, 2 ** 30 + 1]) {
      assert.throws(() => new BinaryWriter({ max }), InvalidOptionError);
    }
  });

  it("says so if somebody transferred the buffer of getWritten away", () => {
    const writer = new BinaryWriter();
    writer.writeText("lost");
    structuredClone(writer.getWritten(), {
      transfer: [writer.getWritten().buffer as ArrayBuffer],
    });
    assert.throws(() => writer.take(), InvalidSliceError);
    assert.throws(() => writer.writeUint8(1), InvalidSliceError);
    writer.clear();
    writer.writeText("there");
    assert.equal(new TextDecoder().decode(writer.take()), "there");
  });
});
