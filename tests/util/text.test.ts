import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { watchPromise } from "../../src/util/promises.ts";
import {
  countIs,
  countOf,
  isError,
  literalOf,
  messageOf,
  rawTextOf,
  read,
  textOf,
  withoutBlanks,
} from "../../src/util/text.ts";

const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();

const withoutText = [Object.create(null), revoked, {
  toString() {
    throw new Error("no text");
  },
}];

describe("a text without the blanks around it", () => {
  it("keeps what is between, and all but spaces and tabs", () => {
    assert.equal(withoutBlanks(" \t a \t b\t "), "a \t b");
    assert.equal(withoutBlanks("\n\u00a0"), "\n\u00a0");
    for (const text of ["", " ", " \t \t"]) {
      assert.equal(withoutBlanks(text), "");
    }
  });
});

describe("what is shown of a value", () => {
  it("is its text, whatever it is", () => {
    assert.equal(textOf("a"), "a");
    assert.equal(textOf(Symbol("s")), "Symbol(s)");
    assert.equal(textOf(null), "null");
    for (const value of withoutText) {
      assert.equal(textOf(value), "a value without text (object)");
    }
  });

  it("is a text in quotes, where another value might look the same", () => {
    assert.equal(literalOf("8"), '"8"');
    assert.equal(literalOf("\n"), '"\\n"');
    assert.equal(literalOf(8), "8");
    assert.equal(literalOf(["8"]), '["8"]');
  });

  it("is the class of an object that has no text of its own", () => {
    assert.equal(textOf({}), "{…}");
    assert.equal(textOf(new Map()), "Map {…}");
    assert.equal(textOf(new Uint8Array(2 ** 20)), "Uint8Array {…}");
    assert.equal(textOf(new URL("a:b")), "a:b");
    assert.equal(textOf("[object Object]"), "[object Object]");
  });

  it("is the elements of an array, as far as they are few", () => {
    assert.equal(textOf([]), "[]");
    assert.equal(textOf([1, "a, b", null, {}]), '[1, "a, b", null, {…}]');
    assert.equal(textOf([[1]]), "[[…]]");
    const many = new Array(2 ** 20).fill(7);
    assert.equal(textOf(many), `[${"7, ".repeat(10)}…]`);
    assert.match(textOf(withoutText.slice(1)), /without text/);
  });

  it("is one line, and changes no terminal", () => {
    assert.equal(textOf("a\nb\x1b[2J"), "a\\nb\\u{1b}[2J");
    assert.equal(messageOf(new Error("a\r\n\u202e")), "a\\r\\n\\u{202e}");
    assert.equal(textOf("\0".repeat(3), 2), "\\u{0}\\u{0}… (3 characters)");
    assert.equal(messageOf(new Error(" a:\n")), "a:");
    assert.equal(rawTextOf("a\nb", 10), "a\nb");
  });

  it("is not much", () => {
    assert.equal(
      textOf("x".repeat(2 ** 20)),
      `${"x".repeat(100)}… (1048576 characters)`,
    );
    assert.equal(textOf("x".repeat(100)), "x".repeat(100));
  });

  it("of an error is its message, if that can be read", () => {
    const unreadable = Object.defineProperty(new Error("x"), "message", {
      get() {
        throw new Error("no message");
      },
    });
    assert.equal(messageOf(new Error("why")), "why");
    assert.equal(messageOf(unreadable), "undefined");
    assert.equal(messageOf(revoked), "a value without text (object)");
    assert.equal(messageOf(undefined), "undefined");
    assert.equal(isError(revoked), false);
    assert.equal(isError(new TypeError("x")), true);
    assert.equal(read(revoked, "then"), undefined);
    assert.equal(read(null, "then"), undefined);
    assert.equal(read("abc", "length"), 3);
  });
});

describe("a promise that a handler returned", () => {
  it("tells what it rejects with, whatever kind of promise it is", async () => {
    const told: unknown[] = [];
    const tell = (thrown: unknown) => void told.push(thrown);
    for (const value of [undefined, 3, revoked, { then: 3 }]) {
      watchPromise(value, tell);
    }
    watchPromise(Promise.resolve(), tell);
    watchPromise(Promise.reject("rejected"), tell);
    watchPromise({
      then() {
        throw "thrown by then";
      },
    }, tell);
    await Promise.resolve();
    assert.deepEqual(told.sort(), ["rejected", "thrown by then"]);
  });
});

describe("a count", () => {
  it("has its noun in the singular if it is one", () => {
    assert.equal(countOf(0, "byte"), "0 bytes");
    assert.equal(countOf(1, "byte"), "1 byte");
    assert.equal(countOf(2, "byte"), "2 bytes");
    assert.equal(countOf("more than 5", "byte"), "more than 5 bytes");
    assert.equal(countIs(1, "request"), "1 request is");
    assert.equal(countIs(3, "request"), "3 requests are");
  });
});
