import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { Deferred, delayOf } from "../../src/api/deferred.ts";
import { InvalidOptionError } from "../../src/api/errors.ts";
import {
  CONNECTION_OPTIONS,
  type ConnectionOptions,
  connectionSettings,
} from "../../src/api/options/connection.ts";
import type { RuntimeOptions } from "../../src/api/options/runtime.ts";
import { tlsListenSettings } from "../../src/api/options/tls.ts";
import { ReactRuntime } from "../../src/runtime.ts";
import { server } from "../support/certificates.ts";

describe("options of a connection", () => {
  const runtime = connectionSettings({
    sendHighWaterMark: 100,
    sendLowWaterMark: 80,
    maxMessageSize: 7,
  });

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
    for (const high of [0, 3, 4, 2 ** 22, 2 ** 30]) {
      const settings = connectionSettings({ sendHighWaterMark: high });
      assert.equal(settings.sendLowWaterMark, Math.floor(high / 4));
    }
  });

  it("have a low-water mark of their own up to the high one that is in force", () => {
    for (const [options, most] of [[{}, 100], [{ sendHighWaterMark: 9 }, 9]]) {
      const low = (sendLowWaterMark: number) =>
        connectionSettings({ ...options as object, sendLowWaterMark }, runtime)
          .sendLowWaterMark;
      assert.equal(low(most as number), most);
      assert.throws(() => low(most as number + 1), InvalidOptionError);
    }
  });

  it("have the times of keep-alive filled up and checked, as numbers of their own", () => {
    const usual = { idleMs: 60_000, intervalMs: 1000, count: 10 };
    const timesOf = (keepAlive: ConnectionOptions["keepAlive"]) =>
      connectionSettings({ keepAlive }, runtime).keepAlive;
    assert.equal(timesOf(undefined), undefined);
    assert.equal(timesOf(false), undefined);
    assert.deepEqual(timesOf(true), usual);
    assert.deepEqual(timesOf({}), usual);
    const given = { count: 3 };
    const times = timesOf(given);
    given.count = 4;
    assert.deepEqual(times, { ...usual, count: 3 });
    const on = connectionSettings({ keepAlive: true }, runtime);
    assert.equal(
      connectionSettings({ keepAlive: false }, on).keepAlive,
      undefined,
    );
    assert.deepEqual(
      connectionSettings({ noDelay: true }, on).keepAlive,
      usual,
    );
    for (
      const wrong of [
        { idleMs: 999 },
        { intervalMs: 32_767_001 },
        { count: 0 },
        { count: 128 },
        { count: "3" as never },
      ]
    ) {
      const [[name]] = Object.entries(wrong);
      assert.throws(
        () => timesOf(wrong),
        (error) =>
          error instanceof InvalidOptionError && error.message.includes(name),
      );
    }
  });

  it("are read once each", () => {
    const reads: string[] = [];
    const options = new Proxy({ noDelay: false, closeTimeoutMs: 7 }, {
      get(target, name) {
        reads.push(String(name));
        return Reflect.get(target, name);
      },
    });
    const settings = connectionSettings(options, runtime);
    assert.deepEqual(settings, {
      ...runtime,
      noDelay: false,
      closeTimeoutMs: 7,
    });
    assert.deepEqual(reads, CONNECTION_OPTIONS.names);
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

describe("options of TLS", () => {
  it("are copies: what is done to the bytes of a key afterwards does not matter", () => {
    const { cert, key } = server;
    // One kind of buffer has a slice() that is no copy.
    const bytes = Buffer.from(key);
    const settings = tlsListenSettings({ cert, key: bytes });
    bytes.fill(0);
    assert.equal(
      settings.credential.key,
      tlsListenSettings(server).credential.key,
    );
    assert.match(String(settings.credential.key), /^-----BEGIN .* KEY-----\nM/);
  });
});

describe("an option that cannot be shown or read is refused with InvalidOptionError", () => {
  it("of a connection", () => {
    for (const value of withoutText) {
      for (const name of ["maxMessageSize", "noDelay", "sendQueueOverflow"]) {
        assert.throws(
          () => connectionSettings({ [name]: value }),
          isShort,
        );
      }
    }
    assert.throws(
      () => connectionSettings(unreadable as ConnectionOptions),
      (error) => isShort(error) && (error as Error).cause !== undefined,
    );
    for (const options of [null, 5000, "5 s", "x".repeat(1000)]) {
      assert.throws(() => connectionSettings(options as never), isShort);
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
