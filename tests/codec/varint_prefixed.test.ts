import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BinaryWriter,
  FrameTooLargeError,
  InvalidFrameLengthError,
  InvalidOptionError,
  varintPrefixed,
} from "../../mod.ts";
import { framesOf, hex, written } from "./streams.ts";

describe("varintPrefixed", () => {
  const codec = varintPrefixed();

  it("writes the lengths that protobuf does, and reads them", () => {
    const lengths: [number, string][] = [
      [0, "00"],
      [1, "01"],
      [127, "7f"],
      [128, "80 01"],
      [300, "ac 02"],
      [16_383, "ff 7f"],
      [16_384, "80 80 01"],
      [2_097_151, "ff ff 7f"],
      [2_097_152, "80 80 80 01"],
    ];
    for (const [length, header] of lengths) {
      const prefix = hex(header);
      const payload = new Uint8Array(length).fill(0x85);
      const frame = written((out) => codec.encode(payload, out));
      assert.deepEqual(frame.slice(0, prefix.length), prefix, header);
      assert.equal(codec.frameSize(frame, 0, prefix.length, 0), frame.length);
      assert.deepEqual(codec.decode(frame, 0, frame.length), payload);
      const later = written((out) =>
        codec.encodeFrame(payload, {
          encode: (payload, writer) => void writer.write(payload),
        }, out)
      );
      assert.deepEqual(later, frame);
      for (let there = 1; there < prefix.length; there++) {
        assert.equal(codec.frameSize(frame, 0, there, 0), 0);
      }
    }
  });

  it("reads frames however they are cut", () => {
    const stream = written((out) => {
      for (const size of [0, 1, 300, 2]) {
        codec.encode(new Uint8Array(size), out);
      }
    });
    const expected = [[0, 1], [1, 3], [3, 305], [305, 308]];
    for (const size of [1, 2, 3, 7, 1000]) {
      assert.deepEqual(framesOf(codec, stream, size), expected);
    }
  });

  it("takes a length that has more bytes than it needs, up to five", () => {
    const frame = hex("82 80 80 80 00 aa bb");
    assert.equal(codec.frameSize(frame, 0, 7, 0), 7);
    assert.deepEqual(codec.decode(frame, 0, 7), hex("aa bb"));
  });

  it("refuses a length of which the fifth byte is not the last", () => {
    const five = hex("80 80 80 80 80 00");
    assert.equal(codec.frameSize(five, 0, 4, 0), 0);
    for (const end of [5, 6]) {
      assert.throws(
        () => codec.frameSize(five, 0, end, 0),
        InvalidFrameLengthError,
      );
    }
  });

  it("refuses what is larger than max, its length included, to read and to send", () => {
    const small = varintPrefixed({ max: 130 });
    assert.equal(small.frameSize(hex("80 01"), 0, 2, 0), 130);
    for (const header of ["81 01", "ff ff ff ff 7f", "ff ff ff ff 0f"]) {
      const bytes = hex(header);
      assert.throws(
        () => small.frameSize(bytes, 0, bytes.length, 0),
        FrameTooLargeError,
        header,
      );
    }
    const out = new BinaryWriter();
    small.encode(new Uint8Array(128), out);
    const encode = (size: number, writer: { write(b: Uint8Array): void }) =>
      writer.write(new Uint8Array(size));
    const tries = [
      () => small.encode(new Uint8Array(129), out),
      () => small.encodeFrame(129, { encode }, out),
      () => small.encodeFrame(1000, { encode }, out),
    ];
    for (const send of tries) {
      assert.throws(send, FrameTooLargeError);
      assert.equal(out.bytesWritten, 130);
    }
    small.encodeFrame(0, { encode }, out);
    assert.equal(out.bytesWritten, 131);
  });

  it("refuses a max outside its range", () => {
    for (const max of [0, 2 ** 30 + 1, 1.5]) {
      assert.throws(() => varintPrefixed({ max }), InvalidOptionError);
    }
  });
});
