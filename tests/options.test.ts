import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  connectionSettings,
  DEFAULT_CONNECTION_SETTINGS,
} from "../src/options.ts";

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
