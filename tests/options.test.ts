import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Deferred, delayOf } from "../src/api/deferred.ts";
import { InvalidOptionError } from "../src/api/errors.ts";
import {
  type ConnectionOptions,
  connectionSettings,
  DEFAULT_CONNECTION_SETTINGS,
  type RuntimeOptions,
} from "../src/api/options.ts";
import { ReactRuntime } from "../src/runtime.ts";

describe("options of a connection", () => {
  const runtime = connectionSettings({
    sendHighWaterMark: 100,
    sendLowWaterMark: 80,
    maxMessageSize: 7,
  }, DEFAULT_CONNECTION_SETTINGS);

  it("are those of its runtime where it has none of its own", () => {
    assert.deepEqual(connectionSettings({}, runtime), runtime);
    assert.deepEqual(
      connectionSettings({ idleTimeoutMs: 9 }, runtime),
      { ...runtime, idleTimeoutMs: 9 },
    );
  });

  it("have a low-water mark of a quarter of a high one of their own", () => {
    const { sendHighWaterMark, sendLowWaterMark } = connectionSettings(
      { sendHighWaterMark: 200 },
      runtime,
    );
    assert.equal(sendHighWaterMark, 200);
    assert.equal(sendLowWaterMark, 50);
  });
});

const why = new Error("not to be read");
const unreadable = new Proxy({}, {
  get() {
    throw why;
  },
});
const withoutText = [
  Object.create(null),
  Symbol("s"),
  unreadable,
  "x".repeat(2 ** 20),
];

function isShort(error: unknown): boolean {
  return error instanceof InvalidOptionError && error.message.length < 300;
}

describe("an option that cannot be shown or read is refused with InvalidOptionError", () => {
  it("of a connection", () => {
    for (const value of withoutText) {
      for (const name of ["maxMessageSize", "noDelay", "sendQueueOverflow"]) {
        assert.throws(
          () =>
            connectionSettings({ [name]: value }, DEFAULT_CONNECTION_SETTINGS),
          isShort,
        );
      }
    }
    for (const options of [unreadable, null]) {
      assert.throws(
        () =>
          connectionSettings(
            options as ConnectionOptions,
            DEFAULT_CONNECTION_SETTINGS,
          ),
        (error) => isShort(error) && (error as Error).cause !== undefined,
      );
    }
  });

  it("that is a time", () => {
    for (const value of [...withoutText, { kind: "after", ms: unreadable }]) {
      assert.throws(() => delayOf(value as Deferred, () => 0), isShort);
      assert.throws(() => Deferred.after(value as number), isShort);
      assert.throws(() => Deferred.until(value as Date), isShort);
    }
    for (const deferred of [{ kind: "after", ms: -1n }, { kind: "until" }]) {
      assert.throws(
        () => delayOf(deferred as unknown as Deferred, () => 0),
        (error) =>
          isShort(error) && (error as Error).message.includes(deferred.kind),
      );
    }
    assert.throws(
      () => delayOf(unreadable as Deferred, () => 0),
      { cause: why },
    );
  });

  it("that is one of a runtime, its adapter included", () => {
    for (const options of [null, unreadable]) {
      assert.throws(
        () => new ReactRuntime(options as RuntimeOptions),
        (error) => isShort(error) && (error as Error).cause !== undefined,
      );
    }
  });
});
