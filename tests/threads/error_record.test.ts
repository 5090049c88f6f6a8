import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as reactio from "../../mod.ts";
import {
  errorFromRecord,
  errorRecord,
} from "../../src/threads/link/error_record.ts";

function fail(): never {
  throw new Error("a getter");
}

/** An error whose `key` cannot be read. */
function without(key: string): Error {
  return Object.defineProperty(new Error("x"), key, { get: fail });
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function cyclic(): Error {
  const error = new Error("x");
  error.cause = { cause: error };
  error.cause = error;
  return error;
}

/** The error as it arrives in another thread. */
function arrived(thrown: unknown): Error {
  return errorFromRecord(structuredClone(errorRecord(thrown)));
}

/** Things that can be thrown, and what another thread gets. */
const cases: [what: string, thrown: unknown, name: string, message: RegExp][] =
  [
    ["a stack that throws", without("stack"), "Error", /^x$/],
    ["a name that throws", without("name"), "Error", /^x$/],
    ["a message that throws", without("message"), "Error", /cannot be read/],
    ["a cause that throws", without("cause"), "Error", /^x$/],
    [
      "a name that is an object",
      Object.assign(new Error("x"), { name: Object.create(null) }),
      "Error",
      /^x$/,
    ],
    [
      "a message that is a symbol",
      Object.assign(new Error("x"), { message: Symbol("m") }),
      "Error",
      /Symbol\(m\)/,
    ],
    [
      "a stack that is an object",
      Object.assign(new Error("x"), { stack: {} }),
      "Error",
      /^x$/,
    ],
    ["a cause that is itself", cyclic(), "Error", /^x$/],
    [
      "a cause that cannot be read",
      new Error("x", { cause: revoked() }),
      "Error",
      /^x$/,
    ],
    [
      "an error behind a proxy that throws",
      new Proxy(new Error("x"), { get: fail }),
      "Error",
      /cannot be read/,
    ],
    ["a revoked proxy", revoked(), "Error", /without text/],
    [
      "a proxy whose prototype throws",
      new Proxy({}, { getPrototypeOf: fail }),
      "Error",
      /^\{…\}$/,
    ],
    ["null", null, "Error", /^null$/],
    ["undefined", undefined, "Error", /^undefined$/],
    ["a symbol", Symbol("s"), "Error", /Symbol\(s\)/],
    [
      "an object without a prototype",
      Object.create(null),
      "Error",
      /without text/,
    ],
    [
      "a class whose toString throws",
      new (class OwnError extends TypeError {
        override name = "OwnError";
        override toString = fail;
      })("x"),
      "OwnError",
      /^x$/,
    ],
    [
      "the name of a class that needs more",
      Object.assign(new Error("x"), { name: "SimulationError" }),
      "SimulationError",
      /^x$/,
    ],
    [
      "a name like a member of all objects",
      Object.assign(new Error("x"), { name: "__proto__" }),
      "__proto__",
      /^x$/,
    ],
  ];

describe("a thrown value, sent to another thread", () => {
  it("keeps whether a request was sent", () => {
    for (
      const errorClass of [
        reactio.RequestTimeoutError,
        reactio.RequestCancelledError,
      ]
    ) {
      for (const wasSent of [true, false]) {
        const error = arrived(new errorClass("x", { wasSent }));
        assert.ok(error instanceof errorClass);
        assert.equal(error.wasSent, wasSent);
        assert.equal(Object.hasOwn(error, "cause"), false);
      }
    }
  });

  for (const [what, thrown, name, message] of cases) {
    it(`${what}: it arrives as an Error`, () => {
      const error = arrived(thrown);
      assert.ok(error instanceof Error);
      assert.equal(error.name, name);
      assert.match(error.message, message);
      assert.ok(error.stack === undefined || typeof error.stack === "string");
    });
  }

  it("each property is read once", () => {
    let reads = 0;
    const once = (value: string) => ({
      get: () => (reads++, value),
    });
    const error = Object.defineProperties(new Error("x"), {
      name: once("TypeError"),
      message: once("text"),
      stack: once("stack"),
    });
    reads = 0; // defining them may have read some
    assert.ok(arrived(error) instanceof TypeError);
    assert.equal(reads, 3);
  });

  it("a message and a stack of megabytes are cut", () => {
    const { message, stack } = errorRecord(new Error("x".repeat(5_000_000)));
    assert.ok(message.length < 100_000);
    assert.ok((stack ?? "").length < 100_000);
    assert.match(message, /5000000 characters/);
    assert.ok(errorRecord("x".repeat(5_000_000)).message.length < 100_000);
  });

  it("of a chain of causes, the first 8 are kept", () => {
    let thrown = new Error("0");
    for (let i = 1; i <= 20; i++) thrown = new Error(`${i}`, { cause: thrown });
    const messages: string[] = [];
    for (
      let at: unknown = arrived(thrown);
      at instanceof Error;
      at = at.cause
    ) {
      messages.push(at.message);
    }
    assert.deepEqual(
      messages,
      Array.from({ length: 9 }, (_, i) => `${20 - i}`),
    );
  });
});

describe("the classes of errors", () => {
  type ErrorClass = new (message: string) => Error;
  const isPlain = (it: unknown): it is ErrorClass =>
    typeof it === "function" && it !== reactio.SimulationError &&
    it !== reactio.SocketFailure && it.prototype instanceof Error;
  const classes = (Object.entries(reactio) as [string, unknown][])
    .flatMap(([name, it]): [string, ErrorClass][] =>
      isPlain(it) ? [[name, it]] : []
    );

  it("are the same in another thread, even in minified code", () => {
    assert.ok(classes.length > 40);
    for (const [name, ErrorClass] of classes) {
      const before = ErrorClass.name;
      Object.defineProperty(ErrorClass, "name", {
        value: "a",
        configurable: true,
      });
      try {
        const error = new ErrorClass("text");
        assert.equal(error.name, name);
        assert.equal(arrived(error).constructor, ErrorClass);
      } finally {
        Object.defineProperty(ErrorClass, "name", { value: before });
      }
    }
  });

  it("defined by a user keep their names", () => {
    class OwnError extends reactio.ConnectError {}
    assert.equal(new OwnError("text").name, "OwnError");
  });
});
