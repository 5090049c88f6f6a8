import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HelloReader } from "../../src/adapters/tls/client_hello.ts";
import { NamedServers } from "../../src/adapters/tls/server_names.ts";
import type { Socket } from "../../src/contract/socket.ts";
import type { HandshakeEvents, TlsContext } from "../../src/contract/tls.ts";
import { computingMs } from "../support/computing.ts";

const u16 = (value: number) => [value >> 8, value & 255];
const vector = (bytes: readonly number[]) => [...u16(bytes.length), ...bytes];
const ascii = (text: string) => Array.from(text, (c) => c.charCodeAt(0));

const named = (name: string) => [
  ...u16(0),
  ...vector(vector([0, ...vector(ascii(name))])),
];

/** A ClientHello with `extensions`, in records of `recordSize` bytes. */
function hello(extensions: readonly number[], recordSize = 16384): Uint8Array {
  const body = [
    ...u16(0x0303),
    ...new Array<number>(32).fill(7),
    2,
    1,
    1,
    ...vector(u16(0x1301)),
    1,
    0,
    ...vector(extensions),
  ];
  const message = [1, 0, ...vector(body)];
  const records: number[] = [];
  for (let at = 0; at < message.length; at += recordSize) {
    const part = message.slice(at, at + recordSize);
    records.push(22, 3, 1, ...vector(part));
  }
  return Uint8Array.from(records);
}

/** The server name in a ClientHello that is read at once. */
const serverNameIn = (bytes: Uint8Array) => new HelloReader().take(bytes);

const others = [...u16(10), ...vector([0, 2, 0, 29])];

describe("the name that a client asks for", () => {
  it("is found, in lower case, among other extensions, in records of any size", () => {
    const extensions = [...others, ...named("One.Example"), ...others];
    for (const size of [1, 3, 50, 16384]) {
      assert.equal(serverNameIn(hello(extensions, size)), "one.example");
    }
  });

  it("is waited for until the message is whole", () => {
    const whole = hello(named("a.example"), 20);
    for (let size = 0; size < whole.length; size++) {
      assert.equal(serverNameIn(whole.subarray(0, size)), undefined, `${size}`);
    }
  });

  it("is found in whatever pieces it comes, each byte looked at once", () => {
    const padding = [...u16(21), ...vector(new Array<number>(60_000).fill(0))];
    for (const recordSize of [1, 16384]) {
      const whole = hello([...padding, ...named("A.Example.")], recordSize)
        .subarray(0, 65_000);
      const reader = new HelloReader();
      let last: string | undefined;
      const ms = computingMs(() => {
        for (let at = 0; at < whole.length && last === undefined; at++) {
          last = reader.take(whole.subarray(at, at + 1));
        }
      });
      assert.equal(last, recordSize === 1 ? undefined : "a.example");
      assert.ok(ms < 5000, `${ms} ms`);
    }
  });

  it("is none if the client names none, or says something else, however long", () => {
    assert.equal(serverNameIn(hello(others)), "");
    assert.equal(serverNameIn(hello([])), "");
    assert.equal(serverNameIn(Uint8Array.from(ascii("GET / HTTP/1.0"))), "");
    const finished = Uint8Array.of(22, 3, 1, 0, 4, 20, 0, 0, 0);
    assert.equal(serverNameIn(finished), "");
    const endless = new Uint8Array(70_000);
    endless.set([22, 3, 1, 255, 255, 1, 255, 255, 255]);
    endless.set([22, 3, 1, 255, 255], 5 + 65535);
    assert.equal(serverNameIn(endless), "");
    const cut = hello(named("a.example"));
    cut[50]++;
    assert.equal(typeof serverNameIn(cut), "string");
  });
});

/** Which of the servers for `patterns` a client asking for `name` gets; "others" if none of them. */
function serverFor(name: string, ...patterns: readonly string[]): string {
  let found = "";
  const server = (it: string): TlsContext => ({
    handshake() {
      found = it;
      return { cancel: () => {} };
    },
  });
  const nothing = () => {};
  const socket = { setOptions: nothing, start: nothing, resume: nothing };
  new NamedServers(
    new Map(patterns.map((pattern) => [pattern, server(pattern)])),
    server("others"),
  ).handshake(
    { ...socket, pause: nothing } as unknown as Socket,
    {} as HandshakeEvents,
    hello(named(name)),
  );
  return found;
}

describe("the server of the name that a client asks for", () => {
  it("is the one of that name, else of a wildcard for its first label, else that for others", () => {
    const patterns = ["one.example", "*.example", "*.many.example"];
    for (
      const [name, pattern] of [
        ["One.Example", "one.example"],
        ["two.example", "*.example"],
        ["a.many.example", "*.many.example"],
        ["many.example", "*.example"],
        ["a.b.many.example", "others"],
        ["a.one.example", "others"],
        ["example", "others"],
      ]
    ) {
      assert.equal(serverFor(name, ...patterns), pattern, name);
    }
  });
});
