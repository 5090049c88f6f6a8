import { literalOf } from "../util/text.ts";
import { InvalidCreditError } from "./errors.ts";

const MOST = 2 ** 30;

/**
 * Throws {@linkcode InvalidCreditError} unless `messageCount` is a valid number
 * of messages.
 */
export function checkCredit(messageCount: number): void {
  const isGood = Number.isInteger(messageCount) && messageCount >= 1 &&
    messageCount <= MOST;
  if (isGood) return;
  throw new InvalidCreditError(
    `Cannot read ${
      literalOf(messageCount)
    } messages: their number must be an integer from 1 to ${MOST}`,
  );
}
