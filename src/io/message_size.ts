import {
  InvalidMessageResultError,
  MessageTooLargeError,
} from "../api/errors.ts";
import type { MessageResult } from "../api/message_result.ts";
import { countOf, textOf } from "../util/text.ts";

/**
 * Interprets a handler's `result`. `available` is the number of bytes that the
 * handler was given, `before` the message size that it announced earlier (0 if
 * none). Returns the size that it expects now, 0 if it does not know. Throws if
 * `result` is invalid.
 */
export function expectedSize(
  result: MessageResult,
  available: number,
  before: number,
  maxMessageSize: number,
): number {
  const expected = typeof result === "number" ? 0 - result : NaN;
  if (!Number.isInteger(expected) || expected < 0) {
    throw new InvalidMessageResultError(
      `Cannot use ${
        textOf(result)
      } as the result of onInboundMessage for ${available} bytes: return MessageResult.expectMsgSize(n), or MessageResult.dropMsgSize(n) with n up to ${available}`,
    );
  }
  if (expected > 0 && expected <= before) {
    throw new InvalidMessageResultError(
      `Cannot expect a message of ${expected} bytes: ${before} bytes of it have been handed out already`,
    );
  }
  const isEndless = expected === 0 && available === maxMessageSize;
  if (expected > maxMessageSize || isEndless) {
    const size = expected || `more than ${maxMessageSize}`;
    throw new MessageTooLargeError(
      `Cannot receive a message of ${
        countOf(size, "byte")
      }: maxMessageSize is ${maxMessageSize}`,
    );
  }
  return expected;
}
