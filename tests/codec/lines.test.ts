import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BinaryWriter,
  DelimiterInPayloadError,
  FrameTooLargeError,
  InvalidOptionError,
  InvalidSliceError,
  InvalidTextError,
  lines,
  type LinesOptions,
} from "../../mod.ts";
import { framesOf, written } from "./streams.ts";

const encoder = new TextEncoder();

function decoded(bytes: Uint8Array, options: LinesOptions, size: number) {
  const codec = lines(options);
  return framesOf(codec, bytes, size).map(([start, end]) =>
    codec.decode(bytes, start, end)
  );
}

describe("lines", () => {
  it("come in with LF or CR LF, however they are cut, and go out with LF or, if that is asked for, CR LF", () => {
    const texts = ["", "a", "grüße, €, 😀", "a\rb", "x".repeat(500), "\ufeffb"];
    for (const ending of ["\n", "\r\n"] as const) {
      const stream = encoder.encode(texts.map((it) => it + ending).join(""));
      for (const size of [1, 2, 3, 7, 10_000]) {
        assert.deepEqual(decoded(stream, {}, size), texts);
      }
      const sent = texts.filter((text) => !text.includes("\r"));
      const frames = written((out) => {
        for (const text of sent) lines({ ending }).encode(text, out);
      });
      const expected = encoder.encode(sent.map((it) => it + ending).join(""));
      assert.deepEqual(frames, expected);
    }
  });

  it("take one CR away, and no other", () => {
    const stream = encoder.encode("a\r\r\n\r\n");
    assert.deepEqual(decoded(stream, {}, 1000), ["a\r", ""]);
  });

  it("that are no UTF-8 are refused, or repaired if that is asked for", () => {
    const stream = Uint8Array.of(0x61, 0xff, 0x0a);
    assert.throws(() => decoded(stream, {}, 3), InvalidTextError);
    assert.deepEqual(decoded(stream, { invalidText: "replace" }, 3), [
      "a\ufffd",
    ]);
  });

  it("hold no line break when they are sent, and leave the writer as it was if they do", () => {
    const out = new BinaryWriter();
    const codec = lines();
    codec.encode("first", out);
    for (const text of ["a\nb", "\n", "a\r", "a\r\nMAIL FROM: <x>"]) {
      assert.throws(() => codec.encode(text, out), DelimiterInPayloadError);
      const encoder = {
        encode: (text: string, writer: { writeText(text: string): void }) =>
          writer.writeText(text),
      };
      assert.throws(
        () => codec.encodeFrame(text, encoder, out),
        DelimiterInPayloadError,
      );
    }
    assert.throws(
      () => codec.encode(7 as unknown as string, out),
      InvalidSliceError,
    );
    assert.equal(new TextDecoder().decode(out.take()), "first\n");
  });

  it("are as long as max in bytes, not in characters, to read and to send", () => {
    const codec = lines({ max: 10 });
    const longest = encoder.encode("€€€\n");
    assert.equal(codec.frameSize(longest, 0, 10, 0), 10);
    const longer = encoder.encode("€€€.\n");
    assert.throws(() => codec.frameSize(longer, 0, 11, 0), FrameTooLargeError);
    assert.throws(() => codec.frameSize(longer, 0, 10, 0), FrameTooLargeError);
    const out = new BinaryWriter();
    codec.encode("€€€", out);
    const encoding = {
      encode: (text: string, writer: { writeText(text: string): void }) =>
        writer.writeText(text),
    };
    for (const text of ["€€€.", "0123456789", "x".repeat(1000)]) {
      assert.throws(() => codec.encode(text, out), FrameTooLargeError);
      assert.throws(
        () => codec.encodeFrame(text, encoding, out),
        FrameTooLargeError,
      );
    }
    codec.encodeFrame("123456789", encoding, out);
    assert.equal(out.bytesWritten, 20);
    const windows = lines({ max: 10, ending: "\r\n" });
    assert.throws(() => windows.encode("123456789", out), FrameTooLargeError);
    windows.encode("12345678", out);
    assert.equal(out.bytesWritten, 30);
  });

  it("refuse options that are none", () => {
    const bad = [{ max: 1 }, { ending: "\r" }, { invalidText: "ignore" }];
    for (const options of bad) {
      assert.throws(() => lines(options as LinesOptions), InvalidOptionError);
    }
  });
});
