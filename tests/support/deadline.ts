import assert from "node:assert/strict";
import { Timer } from "../../mod.ts";

/** Makes a check for loops that poll: it fails when they take too long. */
export function deadline(ms = 5000): () => void {
  const timer = new Timer(ms);
  return () => assert.ok(!timer.isExpired, `not done within ${ms} ms`);
}
