import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Batch } from "../../src/threads/link/batch.ts";
import {
  messageWith,
  recordsIn,
} from "../../src/threads/link/records_message.ts";

const batch: Batch = [[1, 2], ["text", new Uint8Array(3)]];

describe("a message with records", () => {
  it("carries them through a clone", () => {
    const message = structuredClone(messageWith(batch));
    assert.deepEqual(recordsIn(message), batch);
  });

  it("shows Deno, which searches what can be enumerated, none of them", () => {
    const shown = Object.keys(messageWith(batch) as object);
    assert.equal(shown.length, "Deno" in globalThis ? 0 : batch.length);
  });

  it("is distinguished from all others", () => {
    for (const other of [{ kind: "ready" }, undefined, 1, new Set([1])]) {
      assert.equal(recordsIn(other), undefined);
    }
  });
});
