import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bytesOf, textOf } from "../../../examples/redis_server/bytes.ts";
import { splitWords } from "../../../examples/redis_server/inline_request.ts";
import {
  ProtocolError,
  RequestParser,
  requests,
} from "../../../examples/redis_server/requests.ts";
import { testCodec } from "../../../mod.ts";

/** All requests of `text`, of which `step` bytes come in at a time. */
function parse(text: string, step: number): string[][] {
  const parser = new RequestParser();
  const bytes = bytesOf(text);
  const found: string[][] = [];
  let start = 0;
  for (let end = Math.min(step, bytes.length); start < bytes.length;) {
    // As a connection shows it: what is left of a request lies at 0.
    const shown = Uint8Array.from(bytes.subarray(start, end));
    const size = parser.sizeOf(shown, 0, shown.length);
    if (size > 0 && size <= shown.length) {
      found.push(parser.take(shown, 0));
      start += size;
      if (start < end) continue;
    }
    if (end === bytes.length) break;
    end = Math.min(end + step, bytes.length);
  }
  return found;
}

describe("requests", () => {
  it("are what the codec makes of any stream", async () => {
    await testCodec(requests, {
      values: [["PING"], ["SET", "", "\r\n"], []],
      arbitrary: (random) =>
        Array.from(
          { length: random.integer(1, 5) },
          () => {
            const bytes = random.bytes(random.integer(0, 100));
            return textOf(bytes, 0, bytes.length);
          },
        ),
      equals: (received, sent) => assert.deepEqual(received, [...sent]),
      invalid: [
        "*x\r\n",
        "*01\r\n",
        "*1048577\r\n",
        "*1\r\n:1\r\n",
        "*1\r\n$-1\r\n",
        "*1\r\n$536870913\r\n",
        'GET "a\r\n',
        "GET 'a'b\r\n",
      ].map(bytesOf),
    });
  });

  it("are the same however they come in", () => {
    const text = "*2\r\n$3\r\nGET\r\n$1\r\nk\r\nSET \"a b\" 'c'\r\n" +
      "*0\r\n*3\r\n$3\r\nSET\r\n$0\r\n\r\n$2\r\n\r\n\r\n\r\nPING\n";
    const expected = [
      ["GET", "k"],
      ["SET", "a b", "c"],
      [],
      ["SET", "", "\r\n"],
      [],
      ["PING"],
    ];
    for (let step = 1; step <= text.length; step++) {
      assert.deepEqual(parse(text, step), expected, `${step} at a time`);
    }
  });

  it("tell their size when all but the last argument are there", () => {
    const start = bytesOf("*2\r\n$3\r\nGET\r\n$1000\r\n");
    const parser = new RequestParser();
    const size = parser.sizeOf(start, 0, start.length);
    assert.equal(size, start.length + 1000 + 2);
  });

  it("are read on, and not once more from the beginning, when more comes in", () => {
    const parser = new RequestParser();
    const whole = bytesOf("*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n");
    assert.equal(parser.sizeOf(whole, 0, 13), 0);
    const rest = Uint8Array.from(whole);
    rest.fill(0, 0, 11); // whoever looks there again fails
    assert.equal(parser.sizeOf(rest, 0, rest.length), whole.length);
    assert.deepEqual(parser.take(whole, 0), ["a", "b", "c"]);
  });

  it("have limits", () => {
    for (
      const [text, message] of [
        ["a".repeat(70_000), "Protocol error: too big inline request"],
        [`*-${2n ** 64n}\r\n`, "Protocol error: invalid multibulk length"],
        [
          `*${"1".repeat(70_000)}`,
          "Protocol error: too big mbulk count string",
        ],
        [
          `*1\r\n$${"1".repeat(70_000)}`,
          "Protocol error: too big bulk count string",
        ],
      ]
    ) {
      assert.throws(
        () => new RequestParser().sizeOf(bytesOf(text), 0, text.length),
        (error) => error instanceof ProtocolError && error.message === message,
      );
    }
  });

  it("are words in a line, between which there is white space of ASCII alone", () => {
    for (
      const [line, words] of [
        ["SET k \xc3\xa0 \x85", ["SET", "k", "\xc3\xa0", "\x85"]],
        ["\v\fECHO\ta\vb\f\t\v", ["ECHO", "a\vb\f"]],
        ["\"a\"\v\f'b'", ["a", "b"]],
      ] as const
    ) assert.deepEqual(splitWords(line), words);
  });
});
