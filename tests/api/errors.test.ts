import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as reactio from "../../mod.ts";
import {
  ConnectError,
  ConnectionRefusedError,
  InvalidAddressError,
  InvalidOptionError,
  ListenError,
  parseAddress,
  ReactioError,
} from "../../mod.ts";

describe("an error of the library", () => {
  it("of any class is a ReactioError, and an Error", () => {
    const classes = Object.entries(reactio).filter(([name, it]) =>
      /^[A-Z].*Error$/.test(name) && typeof it === "function"
    ) as unknown as [string, new (message: string, more: object) => Error][];
    assert.ok(classes.length > 40);
    for (const [name, ErrorClass] of classes) {
      const error = new ErrorClass("text", {});
      assert.ok(error instanceof ReactioError, name);
      assert.ok(error instanceof Error, name);
      assert.ok(error instanceof ErrorClass, name);
      assert.equal(error.name, name);
      assert.equal(`${error}`, `${name}: text`);
    }
  });

  it("that tells of a wrong argument is what the language has for that, too", () => {
    assert.throws(() => parseAddress("nowhere"), TypeError);
    assert.throws(() => reactio.Deferred.after(-1), RangeError);
    assert.ok(new reactio.InvalidReactorError("text") instanceof TypeError);
    assert.ok(new reactio.InvalidCodecError("text") instanceof TypeError);
    assert.ok(
      new reactio.InvalidMessageResultError("text") instanceof TypeError,
    );
    assert.ok(new reactio.InvalidModuleError("text") instanceof TypeError);
    assert.ok(new reactio.InvalidNameError("text") instanceof TypeError);
    assert.ok(new reactio.InvalidCodecError("text") instanceof TypeError);
    assert.ok(new reactio.InvalidSliceError("text") instanceof RangeError);
  });

  it("is an instance of its own class and those above it only", () => {
    const refused = new ConnectionRefusedError("text");
    assert.ok(refused instanceof ConnectError);
    assert.ok(!(refused instanceof ListenError));
    assert.ok(!(new ReactioError("text") instanceof ConnectError));
    assert.ok(!(new InvalidAddressError("text") instanceof InvalidOptionError));
    const others = [
      new Error("text"),
      new RangeError("text"),
      {},
      null,
      "text",
    ];
    for (const other of others) assert.ok(!(other instanceof ReactioError));
  });

  it("that a user's class extends is one, and has the name of that class", () => {
    class OwnOptionError extends InvalidOptionError {}
    class OwnError extends ReactioError {
      override name = "Mine";
    }
    const error = new OwnOptionError("text", { cause: 1 });
    assert.ok(error instanceof ReactioError && error instanceof RangeError);
    assert.equal(error.name, "OwnOptionError");
    assert.equal(error.cause, 1);
    assert.ok(new OwnError("text") instanceof OwnError);
    assert.ok(!(new ReactioError("text") instanceof OwnError));
    assert.equal(new OwnError("text").name, "Mine");
  });
});
