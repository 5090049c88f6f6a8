import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ByteWriter,
  lines,
  messageCodec,
  ReactorGroup,
} from "../../mod.ts";
import { BinaryWriter } from "../../src/codec/binary_writer.ts";

const LARGE = 65 * 1024;

/** Encodes messages of these sizes by `send`, and tells by which writers. */
function writersOf(
  sizes: readonly number[],
  newSend: (
    encode: (size: number, out: ByteWriter) => void,
  ) => (size: number) => unknown,
): ByteWriter[] {
  const writers: ByteWriter[] = [];
  const send = newSend((size, out) => {
    writers.push(out);
    out.write(new Uint8Array(size).fill(65));
  });
  for (const size of sizes) send(size);
  return writers;
}

test("what is encoded before it is sent is written by the same writer, until that is large: its memory is not kept", () => {
  const ways = [
    (encode: (size: number, out: ByteWriter) => void) => {
      const group = new ReactorGroup<number>({ codec: { encode } });
      return (size: number) => group.send(size);
    },
    (encode: (size: number, out: ByteWriter) => void) => {
      const codec = messageCodec<number>(lines({ max: 2 ** 20 }), {
        decode: () => 0,
        encode,
      });
      return (size: number) => codec.encode(size, new BinaryWriter());
    },
  ];
  for (const way of ways) {
    const [a, b, c, d, e] = writersOf([1, 2, LARGE, 3, 4], way);
    assert.ok(a === b && b === c, "one is enough while they are small");
    assert.ok(c !== d, "the large one is not kept");
    assert.ok(d === e);
  }
});
