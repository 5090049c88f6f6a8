import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BinaryWriter,
  delimited,
  DelimiterInPayloadError,
  FrameTooLargeError,
  InvalidOptionError,
} from "../../mod.ts";
import { framesOf, hex, written } from "./streams.ts";

/** Counts how many of its bytes the engine is asked to search. */
class Watched extends Uint8Array {
  static searched = 0;

  override indexOf(byte: number, from = 0): number {
    const at = super.indexOf(byte, from);
    Watched.searched += (at < 0 ? this.length : at + 1) - from;
    return at;
  }
}

describe("delimited", () => {
  it("reads and writes frames whose delimiter has one byte or several, however they are cut", () => {
    for (const delimiter of ["00", "0d 0a", "aa aa ab", "01 02 03 04"]) {
      const codec = delimited(hex(delimiter));
      const payloads = [hex(""), hex("05"), new Uint8Array(100).fill(0xaa)];
      const stream = written((out) => {
        for (const payload of payloads) codec.encode(payload, out);
      });
      for (const size of [1, 2, 3, 5, 64, 1000]) {
        const frames = framesOf(codec, stream, size);
        assert.deepEqual(
          frames.map(([start, end]) => codec.decode(stream, start, end)),
          payloads,
          `${delimiter}, ${size} bytes at a time`,
        );
      }
    }
  });

  it("finds a delimiter that begins before a place where the search stopped", () => {
    const codec = delimited(hex("01 02 03"));
    const bytes = hex("09 01 02 03");
    assert.equal(codec.frameSize(bytes, 0, 3, 0), 0);
    assert.equal(codec.frameSize(bytes, 0, 4, 3), 4);
  });

  it("looks at each byte once, or once for each byte of the delimiter, however slowly they come: twice as many cost twice as much", () => {
    const searchedFor = (size: number): number => {
      const codec = delimited(hex("00 01"), { max: size + 2 });
      const bytes = new Watched(size).fill(7);
      Watched.searched = 0;
      let scanned = 0;
      for (let end = 100; end <= size; end += 100) {
        const read = new Watched(bytes.buffer, 0, end);
        assert.equal(codec.frameSize(read, 0, end, scanned), 0);
        scanned = end;
      }
      return Watched.searched;
    };
    for (const size of [1000, 2000, 4000, 8000, 16_000]) {
      assert.ok(searchedFor(size) <= 1.02 * size, `${searchedFor(size)}`);
      assert.ok(searchedFor(size) > 0.5 * size, `${searchedFor(size)}`);
    }
  });

  it("refuses a frame of which max bytes hold no delimiter, however it comes, and takes one of max", () => {
    const codec = delimited(hex("00"), { max: 10 });
    const largest = new Uint8Array(10).fill(1, 0, 9);
    assert.equal(codec.frameSize(largest, 0, 9, 0), 0);
    assert.equal(codec.frameSize(largest, 0, 10, 9), 10);
    const larger = new Uint8Array(11).fill(1, 0, 10);
    for (const end of [10, 11]) {
      assert.throws(
        () => codec.frameSize(larger, 0, end, 0),
        FrameTooLargeError,
        `${end}`,
      );
    }
  });

  it("refuses to send what is larger than max or holds a delimiter, and leaves the writer as it was", () => {
    const codec = delimited(hex("01 02 01"), { max: 10 });
    const out = new BinaryWriter();
    codec.encode(hex("05 06"), out);
    const before = out.getWritten().slice();
    const encoder = {
      encode: (payload: Uint8Array, writer: { write(b: Uint8Array): void }) =>
        writer.write(payload),
    };
    const refuses = (
      payload: Uint8Array,
      errorClass: new (message: string) => Error,
    ) => {
      assert.throws(() => codec.encode(payload, out), errorClass);
      assert.throws(() => codec.encodeFrame(payload, encoder, out), errorClass);
      assert.deepEqual(out.getWritten(), before);
    };
    refuses(new Uint8Array(8), FrameTooLargeError);
    refuses(new Uint8Array(80), FrameTooLargeError);
    refuses(hex("01 02 01"), DelimiterInPayloadError);
    refuses(hex("05 01 02 01 05"), DelimiterInPayloadError);
    // With the delimiter behind it: 05 01 02 [01 02 01], where one begins at 1.
    refuses(hex("05 01 02"), DelimiterInPayloadError);
    codec.encode(hex("05 01"), out);
    codec.encodeFrame(hex("05 02"), encoder, out);
  });

  it("refuses a delimiter that is empty, too long or none, and a max that leaves no room for it", () => {
    const none = [new Uint8Array(0), new Uint8Array(257), "\n", undefined];
    for (const delimiter of none) {
      assert.throws(
        () => delimited(delimiter as Uint8Array),
        InvalidOptionError,
      );
    }
    assert.throws(
      () => delimited(hex("01 02"), { max: 1 }),
      InvalidOptionError,
    );
    assert.equal(delimited(hex("01 02"), { max: 2 }).maxFrameSize, 2);
  });

  it("has a delimiter of its own: what is done to the one that was given changes nothing", () => {
    const delimiter = hex("00");
    const codec = delimited(delimiter);
    delimiter.fill(7);
    assert.deepEqual(
      written((out) => codec.encode(hex("07"), out)),
      hex("07 00"),
    );
  });
});
