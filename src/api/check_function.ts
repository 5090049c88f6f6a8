import { forget } from "../util/forget.ts";
import { literalOf } from "../util/text.ts";
import { InvalidCallbackError } from "./errors.ts";

/**
 * Throws {@linkcode InvalidCallbackError} unless `value` is a function. In the
 * message, `action` stands before the value.
 */
export function checkFunction(value: unknown, action: string): void {
  if (typeof value === "function") return;
  forget(value);
  throw new InvalidCallbackError(
    `Cannot ${action} ${literalOf(value)}: it must be a function`,
  );
}
