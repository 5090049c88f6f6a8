import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidMessageResultError } from "../../src/api/errors.ts";
import { MessageResult } from "../../src/api/message_result.ts";

describe("MessageResult", () => {
  it("results differ by kind and size, so that a reader can tell them apart", () => {
    const sizes = [1, 2, 3, 255, 65536, 2 ** 30, Number.MAX_SAFE_INTEGER];
    const results = [
      ...sizes.map((size) => MessageResult.dropMsgSize(size)),
      ...sizes.map((size) => MessageResult.expectMsgSize(size)),
      MessageResult.expectMsgSize(0),
    ];
    assert.equal(new Set(results).size, results.length);
    assert.ok(results.every((result) => typeof result === "number"));
  });

  it("sizes that are none are refused with InvalidMessageResultError", () => {
    const wrong = [-1, 0.5, NaN, Infinity, 2 ** 53, "1", undefined, null, 1n];
    for (const size of wrong) {
      assert.throws(
        () => MessageResult.expectMsgSize(size as number),
        InvalidMessageResultError,
      );
      assert.throws(
        () => MessageResult.dropMsgSize(size as number),
        InvalidMessageResultError,
      );
    }
    assert.throws(
      () => MessageResult.dropMsgSize(0),
      InvalidMessageResultError,
    );
  });
});
