import assert from "node:assert/strict";
import { Timer } from "../../mod.ts";

/** Creates a check for polling loops: it throws when they take too long. */
export function deadline(ms = 5000): () => void {
  const timer = new Timer(ms);
  return () => assert.ok(!timer.isExpired, `not done within ${ms} ms`);
}
