import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BinaryWriter,
  fixed,
  InvalidFrameLengthError,
  InvalidOptionError,
} from "../../mod.ts";
import { framesOf, hex } from "./streams.ts";

describe("fixed", () => {
  it("reads and writes frames of one size, however they are cut", () => {
    const codec = fixed(3);
    const out = new BinaryWriter();
    codec.encode(hex("01 02 03"), out);
    codec.encodeFrame(hex("04 05 06"), {
      encode: (bytes, writer) => void writer.write(bytes),
    }, out);
    const stream = out.take().slice();
    assert.deepEqual(stream, hex("01 02 03 04 05 06"));
    for (const size of [1, 2, 4, 100]) {
      assert.deepEqual(framesOf(codec, stream, size), [[0, 3], [3, 6]]);
    }
    assert.deepEqual(codec.decode(stream, 3, 6), hex("04 05 06"));
  });

  it("refuses to send what has another size, and leaves the writer as it was", () => {
    const codec = fixed(2);
    const out = new BinaryWriter();
    codec.encode(hex("01 02"), out);
    const encode = (size: number, writer: { write(b: Uint8Array): void }) =>
      writer.write(new Uint8Array(size));
    for (const size of [0, 1, 3]) {
      assert.throws(
        () => codec.encode(new Uint8Array(size), out),
        InvalidFrameLengthError,
      );
      assert.throws(
        () => codec.encodeFrame(size, { encode }, out),
        InvalidFrameLengthError,
      );
    }
    assert.deepEqual(out.take(), hex("01 02"));
  });

  it("refuses a size that frames cannot have", () => {
    for (
      const size of [0, -1, 1.5, 2 ** 30 + 1, NaN, "4" as unknown as number]
    ) {
      assert.throws(() => fixed(size), InvalidOptionError);
    }
  });
});
