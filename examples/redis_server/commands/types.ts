import type { Value } from "../database.ts";
import { Deque } from "../deque.ts";

/** The reply of TYPE for `value`. */
export function typeOf(value: Value | undefined): string {
  if (value === undefined) return "none";
  if (typeof value === "string") return "string";
  if (value instanceof Deque) return "list";
  return value instanceof Map ? "hash" : "set";
}
