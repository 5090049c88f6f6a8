import assert from "node:assert/strict";
import { test } from "node:test";
import { commandOf, firstLine, start } from "../conformance/children.ts";

test("what a subscriber throws is an uncaught exception of the process; others are told, and the runtime goes on", async () => {
  const line = await firstLine(start(commandOf("throwing_subscriber")));
  assert.deepEqual(JSON.parse(line), {
    uncaught: ["thrown by a subscriber", "thrown by a subscriber"],
    heard: 2,
    reason: "none",
  });
});
