import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  HttpCodec,
  type HttpRequest,
  type HttpResponse,
  MAX_HEAD,
} from "../../../examples/http_hello/codec.ts";
import { HttpError } from "../../../examples/http_hello/http_error.ts";
import { type SimRandom, testCodec } from "../../../mod.ts";
import { ClientCodec, type SentRequest } from "./client_codec.ts";

const MAX_BODY = 5000;
const codec = new HttpCodec(MAX_BODY);

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** The request in `text`, given all at once. Throws what is wrong with it. */
function read(text: string): HttpRequest | undefined {
  const bytes = bytesOf(text);
  const size = codec.frameSize(bytes, 0, bytes.length, 0);
  return size > 0 && size <= bytes.length
    ? codec.decode(bytes, 0, size)
    : undefined;
}

function post(fields: string, body = ""): string {
  return `POST / HTTP/1.1\r\nHost: h\r\n${fields}\r\n\r\n${body}`;
}

function chunked(body: string): string {
  return post("Transfer-Encoding: chunked", body);
}

/** What is refused, and by which status. */
const REFUSED: readonly (readonly [status: number, text: string])[] = [
  [400, "hello\r\n\r\n"],
  [400, "GET / HTTP/1.1\nHost: h\n\n"],
  [400, "GET / HTTP/1.1\r\nHost: h\n\r\n"],
  [400, "GET  / HTTP/1.1\r\nHost: h\r\n\r\n"],
  [400, "GET /\r\n\r\n"],
  [400, "GET / HTTP/1.1 \r\nHost: h\r\n\r\n"],
  [400, "G(T / HTTP/1.1\r\nHost: h\r\n\r\n"],
  [400, "GET /\xa0 HTTP/1.1\r\nHost: h\r\n\r\n"],
  [400, "GET / HTTP/1.1\r\n\r\n"],
  [400, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"],
  [400, "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n"],
  [400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"],
  [400, "GET / HTTP/1.0\r\nHost: user@a\r\n\r\n"],
  [400, "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"],
  [400, "GET / HTTP/1.1\r\nHost : h\r\n\r\n"],
  [400, "GET / HTTP/1.1\r\n Host: h\r\n\r\n"],
  [400, "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n"],
  [400, "GET / HTTP/1.1\r\nHost: h\r\nA: b\0\r\n\r\n"],
  [400, "GET / HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n"],
  [400, "GET / HTTP/1.1\r\nHost: h\r\n: b\r\n\r\n"],
  [400, "GET / HTTP/1.1\r\nHost: h\r\nno field\r\n\r\n"],
  [400, post("Content-Length: 1\r\nTransfer-Encoding: chunked", "0\r\n\r\n")],
  [400, post("Content-Length: 1\r\nContent-Length: 1", "x")],
  [400, post("Content-Length: 1, 1", "x")],
  [400, post("Content-Length: +1", "x")],
  [400, post("Content-Length: 0x1", "x")],
  [400, post("Content-Length: 1\xa0", "x")],
  [400, post("Content-Length:", "x")],
  [
    400,
    "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  [400, post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")],
  [400, chunked("\r\n")],
  [400, chunked("x\r\n")],
  [400, chunked("0x1\r\nx\r\n")],
  [400, chunked("1 \r\nx\r\n")],
  [400, chunked("1\nx\r\n0\r\n\r\n")],
  [400, chunked("1\r\nxy\r\n")],
  [400, chunked("1\r\nx\ry")],
  [400, chunked("123456789\r\n")],
  [400, chunked(`1;${"x".repeat(300)}`)],
  [400, chunked("0\r\nA: b\n\r\n")],
  [400, chunked("0\r\nno field\r\n\r\n")],
  [400, chunked("0\r\nA : b\r\n\r\n")],
  [400, chunked("0\r\nA: b\r\n c\r\n\r\n")],
  [413, post(`Content-Length: ${MAX_BODY + 1}`)],
  [413, chunked(`${(MAX_BODY + 1).toString(16)}\r\n`)],
  [413, chunked(`1388\r\n${"x".repeat(MAX_BODY)}\r\n1\r\n`)],
  [413, chunked("0\r\n" + `A: ${"x".repeat(200)}\r\n`.repeat(400))],
  [417, post("Expect: more")],
  [431, `GET / HTTP/1.1\r\nHost: h\r\nA: ${"x".repeat(MAX_HEAD)}`],
  [431, `GET / HTTP/1.1\r\nHost: h\r\n${"A: b\r\n".repeat(101)}\r\n`],
  [501, post("Transfer-Encoding: gzip, chunked")],
  [501, post("Transfer-Encoding: \xa0chunked")],
  [501, post("Transfer-Encoding: identity")],
  [505, "GET / HTTP/2.0\r\nHost: h\r\n\r\n"],
  [505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
];

describe("the codec of examples/http_hello", () => {
  it("refuses what could be read in two ways, what is too much and what it does not know", () => {
    for (const [status, text] of REFUSED) {
      assert.throws(
        () => read(text),
        (error) => error instanceof HttpError && error.status === status,
        JSON.stringify(text.slice(0, 200)),
      );
    }
  });

  it("refuses many small chunks, which would be looked at again and again", () => {
    const large = new HttpCodec(2 ** 20);
    const bytes = bytesOf(chunked("1\r\nx\r\n".repeat(30_000)));
    assert.throws(
      () => large.frameSize(bytes, 0, bytes.length, 0),
      (error) => error instanceof HttpError && error.status === 413,
    );
  });

  it("reads heads, and tells whether the connection is kept", () => {
    const request = read(
      "\r\nGET /a?b HTTP/1.1\r\nHOST:\t h \r\nX: 1\r\nx: 2, 3\r\n\r\n",
    );
    assert.equal(request?.target, "/a?b");
    assert.equal(request?.fields.get("host"), "h");
    for (const host of ["", "a.example:80", "127.0.0.1", "[::1]:80", "%41"]) {
      assert.ok(read(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`), host);
    }
    assert.equal(request?.fields.get("x"), "1, 2, 3");
    const isLast = (line: string, fields = "Host: h") =>
      read(`GET / ${line}\r\n${fields}\r\n\r\n`)?.isLast;
    assert.equal(isLast("HTTP/1.1"), false);
    assert.equal(isLast("HTTP/1.1", "Host: h\r\nConnection: a, Close"), true);
    assert.equal(isLast("HTTP/1.0"), true);
    assert.equal(isLast("HTTP/1.0", "Connection: Keep-Alive"), false);
  });

  it("tells once of a body that waits for a word, and not if that is there", () => {
    for (
      const [fields, body] of [
        ["Content-Length: 3", "abc"],
        ["Transfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n"],
      ]
    ) {
      let count = 0;
      const expecting = new HttpCodec(MAX_BODY, () => count++);
      const head = post(`${fields}\r\nExpect: 100-Continue`).length;
      const bytes = bytesOf(post(`${fields}\r\nExpect: 100-Continue`, body));
      let scanned = 0;
      for (let end = 1; end <= bytes.length; end++) {
        const size = expecting.frameSize(bytes, 0, end, scanned);
        if (end < head) assert.equal(count, 0);
        if (size > 0) break;
        scanned = end;
      }
      assert.equal(count, 1);
      expecting.frameSize(bytes, 0, bytes.length, 0);
      assert.equal(count, 1);
    }
  });

  it("keeps the promises of a codec for requests", async () => {
    await testCodec<HttpRequest, SentRequest>(new ClientCodec() as never, {
      peer: codec as never,
      arbitrary: (random: SimRandom) => ({
        method: random.pick(["GET", "POST", "X-1"]),
        target: random.pick(["/", "/echo?a=b", "*"]),
        fields: [["Host", "h"], ["A", random.pick(["", "b", "c, d"])]],
        body: Uint8Array.from(
          { length: random.integer(0, 40) },
          () => random.integer(0, 255),
        ),
        chunkSize: random.pick([0, 1, 7]),
      }),
      equals(received, sent) {
        assert.equal(received.method, sent.method);
        assert.equal(received.target, sent.target);
        assert.equal(received.fields.get("a"), sent.fields?.[1][1]);
        assert.deepEqual([...received.body], [...sent.body]);
      },
      rounds: 100,
      invalid: REFUSED.map(([, text]) => bytesOf(text))
        .filter(({ length }) => length < 1000),
    });
  });

  it("keeps the promises of a codec for answers", async () => {
    await testCodec<HttpResponse, HttpResponse>(codec as never, {
      peer: new ClientCodec() as never,
      arbitrary: (random: SimRandom) => ({
        status: random.pick([200, 404, 501]),
        fields: [["A", random.pick(["b", "c: d"])]],
        body: Uint8Array.from(
          { length: random.integer(0, 40) },
          () => random.integer(0, 255),
        ),
      }),
      equals(received, sent) {
        assert.equal(received.status, sent.status);
        assert.deepEqual(received.fields?.[0], sent.fields?.[0]);
        assert.deepEqual([...received.body ?? []], [...sent.body ?? []]);
      },
      rounds: 100,
    });
  });
});
