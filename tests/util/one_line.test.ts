import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { oneLine, summaryOf } from "../../src/util/one_line.ts";
import { isLocation, locationOf } from "../../src/util/source_location.ts";

describe("an error in one line", () => {
  it("is its name and message", () => {
    assert.equal(summaryOf(new RangeError("why")), "RangeError: why");
    assert.equal(summaryOf(new TypeError()), "TypeError");
    assert.equal(summaryOf("thrown"), "thrown");
    assert.equal(summaryOf(Symbol("s")), "Symbol(s)");
    assert.equal(
      summaryOf(Object.create(null)),
      "a value without text (object)",
    );
  });

  it("shows what would begin another line or change a terminal, and not much of it", () => {
    assert.equal(oneLine("a\nb\r\tc\x1b[2J"), "a\\nb\\r\\tc\\u{1b}[2J");
    assert.equal(
      oneLine("\u2028\u0085\u202e\ud800"),
      "\\u{2028}\\u{85}\\u{202e}\\u{d800}",
    );
    assert.equal(oneLine("é 漢字 😀"), "é 漢字 😀");
    assert.equal(oneLine("abcdef", 5), "abcde…");
    assert.equal(oneLine("abcde", 5), "abcde");
    assert.ok(oneLine("\0".repeat(2 ** 20)).length <= 201);
  });
});

describe("the location of an error", () => {
  const at = (stack: unknown) =>
    locationOf(Object.assign(new Error("why"), { stack }));

  it("is that of the first frame that is nobody else's", () => {
    const internal = [
      "    at node:internal/process/task_queues:105:5",
      "    at ext:core/01_core.js:1:2",
      "    at JSON.parse (<anonymous>)",
      "    at processTicksAndRejections (native:7:39)",
      "    at new Promise (1:11)",
    ].join("\n");
    const locations = [
      ["at f (file:///app/a.ts:1:2)", "at file:///app/a.ts:1:2"],
      ["at file:///app/a.ts:1:2", "at file:///app/a.ts:1:2"],
      ["at async f (/app/my (dir)/a.js:1:2)", "at /app/my (dir)/a.js:1:2"],
      ["at A.f [as g] (C:\\app\\a.js:1:2)", "at C:\\app\\a.js:1:2"],
      ["at async https://x/a.ts:1:2", "at https://x/a.ts:1:2"],
    ];
    for (const [frame, location] of locations) {
      assert.equal(at(`Error: why\n${internal}\n    ${frame}`), location);
      assert.ok(isLocation(location));
    }
    assert.equal(at(`Error: why\n${internal}`), undefined);
    assert.match(`${locationOf(new Error("here"))}`, /one_line\.test\.[tj]s:/);
  });

  it("is not known if there is no stack that can be read", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const getter = Object.defineProperty(new Error("x"), "stack", {
      get() {
        throw new Error("no stack");
      },
    });
    for (const error of [proxy, getter, null, "text", undefined]) {
      assert.equal(locationOf(error), undefined);
    }
    for (const stack of [undefined, 7, "", "x".repeat(2 ** 24)]) {
      assert.equal(at(stack), undefined);
    }
    for (const text of [7, undefined, "at home", "a.ts:1:2"]) {
      assert.equal(isLocation(text), false);
    }
  });
});
