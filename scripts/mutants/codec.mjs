// @ts-check

const LENGTH = [{ file: "tests/codec/length_prefixed.test.ts" }];
const VARINT = [{ file: "tests/codec/varint_prefixed.test.ts" }];
const DELIMITED = [{ file: "tests/codec/delimited.test.ts" }];
const LINES = [{ file: "tests/codec/lines.test.ts" }];
const MESSAGES = [{ file: "tests/codec/message_codec.test.ts" }];
const READER = [{ file: "tests/codec/binary_reader.test.ts" }];
const WRITER = [{ file: "tests/codec/binary_writer.test.ts" }];

/** Bugs in codecs, and in `testCodec`. */
export const codecMutants = [
  {
    name: "encode-returns-it-all",
    planted: "an encode that returns bytes instead of writing them sends none",
    file: "src/codec/frames.ts",
    old: 'typeof result === "string" || ArrayBuffer.isView(result)',
    new: 'typeof result === "string"',
    suites: [{ file: "tests/codec/message_codec.test.ts" }],
  },
  {
    name: "frame-of-any-length",
    planted: "a frame may announce any length",
    file: "src/codec/length_prefixed.ts",
    old:
      "if (size < this.#least || size > this.maxFrameSize) {\n      throw this.#refuse(size);",
    new: "if (size < this.#least) {\n      throw this.#refuse(size);",
    suites: LENGTH,
  },
  {
    name: "short-frame-taken",
    planted: "a frame may be shorter than its header",
    file: "src/codec/length_prefixed.ts",
    old: "this.#least = Math.max(known, this.#strip, this.#surplus);",
    new: "this.#least = 0;",
    suites: LENGTH,
  },
  {
    name: "length-set-at-the-front",
    planted:
      "the length field is written at the start of the writer instead of the start of the frame",
    file: "src/codec/length_prefixed.ts",
    old: "this.#field.set(out, mark + this.#offset, size - this.#surplus);",
    new: "this.#field.set(out, this.#offset, size - this.#surplus);",
    suites: MESSAGES,
  },
  {
    name: "upper-half-ignored",
    planted: "only the lower 4 bytes of an 8-byte length are read",
    file: "src/codec/length_field.ts",
    old: "return get32(bytes, isLittle ? at + 4 : at, isLittle) * TWO_32 +",
    new: "return 0 * TWO_32 +",
    suites: LENGTH,
  },
  {
    name: "varint-without-end",
    planted: "a varint length may have any number of bytes",
    file: "src/codec/varint_prefixed.ts",
    old: "if (end - start < MOST_BYTES) return 0;",
    new: "if (end >= start) return 0;",
    suites: VARINT,
  },
  {
    name: "delimiter-cut-in-two",
    planted: "a delimiter split across two reads is not found",
    file: "src/codec/delimiter.ts",
    old: "Math.max(start, scanned - length + 1)",
    new: "Math.max(start, scanned)",
    suites: DELIMITED,
  },
  {
    name: "searched-from-the-start",
    planted: "every read searches the whole frame again",
    file: "src/codec/delimiter.ts",
    old: "Math.max(start, scanned - length + 1)",
    new: "start",
    suites: DELIMITED,
  },
  {
    name: "overlap-overlooked",
    planted:
      "a payload may form a delimiter together with the one that follows it",
    file: "src/codec/delimiter.ts",
    old: "for (const overlap of this.#overlaps) {",
    new: "for (const overlap of this.#overlaps.slice(99)) {",
    suites: DELIMITED,
  },
  {
    name: "line-split",
    planted: "a line that contains CR may be sent",
    file: "src/codec/lines.ts",
    old: 'text.includes("\\n") || text.includes("\\r")',
    new: 'text.includes("\\n")',
    suites: LINES,
  },
  {
    name: "half-a-frame-left",
    planted: "a message that fails to encode stays half written",
    file: "src/codec/frames.ts",
    old: "if (out.bytesWritten > size) out.truncate(size);",
    new: "",
    suites: MESSAGES,
  },
  {
    name: "reads-the-next-frame",
    planted: "a reader reads past the end of its frame",
    file: "src/codec/binary_reader.ts",
    old: "pos <= this.#end &&",
    new: "pos <= this.#bytes.length &&",
    suites: READER,
  },
  {
    name: "reader-kept",
    planted: "a reader kept after its message can read the next one",
    file: "src/codec/message_codec.ts",
    old: "reader.reset(EMPTY);",
    new: "",
    suites: MESSAGES,
  },
  {
    name: "rest-ignored",
    planted: "bytes that decode leaves unread are silently dropped",
    file: "src/codec/message_codec.ts",
    old: "reader.end();",
    new: "",
    suites: MESSAGES,
  },
  {
    name: "writer-without-bound",
    planted: "a BinaryWriter writes more than its max",
    file: "src/codec/binary_writer.ts",
    old: "if (needed > this.#max) {",
    new: "if (needed > 2 ** 30) {",
    suites: WRITER,
  },
  {
    name: "prefixed-text-half-written",
    planted: "a text that is too long leaves its size prefix behind",
    file: "src/api/prefixed_text.ts",
    old: "if (out.bytesWritten > start) out.truncate(start);",
    new: "",
    suites: WRITER,
  },
  {
    name: "prefixed-text-of-any-length",
    planted:
      "a text too long for its size prefix is written with a truncated size",
    file: "src/api/prefixed_text.ts",
    old: "if (size > most) throw",
    new: "if (size < 0) throw",
    suites: WRITER,
  },
  {
    name: "prefixed-text-half-read",
    planted: "reading an incomplete text consumes its size prefix",
    file: "src/codec/binary_reader.ts",
    old: "this.#pos = start;\n    this.#take(bytes + size);",
    new: "this.#take(size);",
    suites: READER,
  },
  {
    name: "views-not-found",
    planted: "testCodec does not overwrite the bytes already read",
    file: "src/testing/codec_reading.ts",
    old: "this.#overwrite(start - size, start);",
    new: "",
    suites: [{ file: "tests/codec/test_codec.test.ts", only: "keeps a view" }],
  },
  {
    name: "scanned-not-tried",
    planted: "testCodec does not check frameSize without the scanned hint",
    file: "src/testing/codec_reading.ts",
    old: "if (scanned === start) return this.#checkSize(size, start, end);",
    new: "if (scanned >= start) return this.#checkSize(size, start, end);",
    suites: [{
      file: "tests/codec/test_codec.test.ts",
      only: "goes on behind where the search stopped, in the",
    }],
  },
  {
    name: "case-not-simplified",
    planted: "testCodec reports the first failing case, however large it is",
    file: "src/testing/simplify.ts",
    old: "if (isBetter) this.best = other;",
    new: "",
    suites: [{
      file: "tests/codec/test_codec.test.ts",
      only: "shows the smallest message that it can find",
    }],
  },
  {
    name: "fixed-of-any-size",
    planted: "a frame that does not have the fixed size is sent",
    file: "src/codec/fixed.ts",
    old: "if (size === this.maxFrameSize) return;",
    new: "if (size >= 0) return;",
    suites: [{ file: "tests/codec/fixed.test.ts" }],
  },
  {
    name: "delimiter-sent-inside",
    planted: "a frame that contains the delimiter is sent",
    file: "src/codec/delimited.ts",
    old: "if (at >= 0) {",
    new: "if (false) {",
    suites: [{ file: "tests/codec/delimited.test.ts" }],
  },
  {
    name: "kept-views-not-found",
    planted: "a codec whose messages are views of the read buffer passes",
    file: "src/testing/reading_checks.ts",
    old: "    if (comparison.views) continue;\n",
    new: "    if (comparison.views || count >= 0) continue;\n",
    suites: [{
      file: "tests/codec/test_codec.test.ts",
      only: "keeps a view",
    }],
  },
];
