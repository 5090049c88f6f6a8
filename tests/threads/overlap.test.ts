import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { overlap } from "../../src/threads/listen/overlap.ts";
import { tcp } from "../support/tcp.ts";

const PORT = 4000;

/** Hosts, and whether listeners on them would share a port. */
const cases: [one: string, other: string, overlap: boolean][] = [
  ["127.0.0.1", "127.0.0.1", true],
  ["127.0.0.1", "127.0.0.2", false],
  ["127.0.0.1", "::1", false],
  ["0.0.0.0", "127.0.0.1", true],
  ["0.0.0.0", "localhost", true],
  ["0.0.0.0", "::1", false],
  ["127.0.0.1", "::ffff:7f00:1", true],
  ["127.0.0.1", "::ffff:7f00:2", false],
  ["::ffff:0:0", "127.0.0.1", true],
  ["0.0.0.0", "::", true],
  ["::", "::1", true],
  ["::", "127.0.0.1", true],
  ["::", "localhost", true],
];

describe("addresses that all threads listen on", () => {
  for (const [one, other, expected] of cases) {
    it(`${one} and ${other} ${expected ? "share" : "do not share"} a port`, () => {
      const a = tcp(one, PORT);
      const b = tcp(other, PORT);
      assert.equal(overlap(a, b), expected);
      assert.equal(overlap(b, a), expected);
      assert.equal(overlap(a, { ...b, port: PORT + 1 }), false);
      const free = tcp(one, 0);
      assert.equal(overlap(free, { ...b, port: 0 }), false);
    });
  }

  it("of Unix sockets overlap if their paths are the same, and never with those of TCP", () => {
    const unix = (path: string) => ({ transport: "unix", path }) as const;
    assert.equal(overlap(unix("/a"), unix("/a")), true);
    assert.equal(overlap(unix("/a"), unix("/b")), false);
    for (const other of [tcp("0.0.0.0", PORT), tcp("::", 0)]) {
      assert.equal(overlap(unix("/a"), other), false);
      assert.equal(overlap(other, unix("/a")), false);
    }
  });
});
