import assert from "node:assert/strict";
import { steadyClock } from "./steady_clock.ts";

/** Creates a check for polling loops: it throws when they take too long. */
export function deadline(ms = 5000): () => void {
  const end = steadyClock.now() + ms;
  return () => assert.ok(steadyClock.now() < end, `not done within ${ms} ms`);
}
