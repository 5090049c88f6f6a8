/**
 * The result of a message handler.
 *
 * @module
 */

import { InvalidMessageResultError } from "./errors.ts";
import { literalOf } from "../util/text.ts";

/**
 * The result of `onInboundMessage`. It is a number (positive: drop; zero or
 * negative: expect), so no message allocates an object for it.
 *
 * @category Reactors
 */
export type MessageResult = number & { readonly brand: "MessageResult" };

/**
 * The kinds of {@linkcode MessageResult}.
 *
 * @category Reactors
 */
export interface MessageResults {
  /**
   * The message is not complete: call again when `size` bytes of it have arrived, or
   * after any new byte if `size` is 0 (not known yet).
   *
   * @param size Bytes of the whole message.
   * @returns The result for `onInboundMessage`.
   * @throws {InvalidMessageResultError} If `size` is not an integer of 0 or more.
   */
  expectMsgSize(size: number): MessageResult;

  /**
   * The first `size` bytes are consumed: drop them.
   *
   * @param size Bytes of the message, or messages.
   * @returns The result for `onInboundMessage`.
   * @throws {InvalidMessageResultError} If `size` is not an integer of 1 or more.
   */
  dropMsgSize(size: number): MessageResult;
}

/**
 * Makes the results of `onInboundMessage`.
 *
 * @example
 * ```ts
 * import { MessageResult } from "@reactio/reactio";
 *
 * function decode(buf: Uint8Array): MessageResult {
 *   if (buf.length < 2) return MessageResult.expectMsgSize(0); // header not complete
 *   const size = 2 + buf[0] + 256 * buf[1];
 *   if (buf.length < size) return MessageResult.expectMsgSize(size);
 *   return MessageResult.dropMsgSize(size); // dealt with
 * }
 * console.log(decode(Uint8Array.of(1, 0, 65))); // 3
 * ```
 *
 * @category Reactors
 */
export const MessageResult: MessageResults = {
  expectMsgSize(size: number): MessageResult {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new InvalidMessageResultError(
        `Cannot expect a message of ${
          literalOf(size)
        } bytes: the size must be an integer of 0 or more`,
      );
    }
    return 0 - size as MessageResult;
  },

  dropMsgSize(size: number): MessageResult {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new InvalidMessageResultError(
        `Cannot drop a message of ${
          literalOf(size)
        } bytes: the size must be an integer of 1 or more`,
      );
    }
    return size as MessageResult;
  },
};
