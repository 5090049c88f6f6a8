/**
 * Transferring buffers with an answer.
 *
 * @module
 */

import { AnswerNotTransferableError } from "../api/errors.ts";
import { isError, isObject, textOf } from "../util/text.ts";
import { movedBuffers, type Transfer } from "./link/moved_buffers.ts";

/** The key of the list on an answer; the same for every copy of this package. */
const LIST = Symbol.for("@reactio/reactio: transfer");

const NOTHING: Transfer = [];

/**
 * Marks buffers to be transferred, not copied, when a service answers `value`, or
 * `onCommand` returns it to another thread. When the answer is sent, at the end of
 * the turn, the buffers are detached here. Until then they must not change, and
 * nobody else may use them. If nobody waits for the answer any more, they may be
 * transferred or not.
 *
 * @example A service that hands over what it has made
 * ```ts
 * import { defineReactors, transfer } from "@reactio/reactio";
 *
 * export default defineReactors({
 *   services: {
 *     zeros: () => (size: number) => {
 *       const bytes = new Uint8Array(size);
 *       return transfer(bytes, [bytes.buffer]);
 *     },
 *   },
 * });
 * ```
 *
 * @param value The answer. The list belongs to this object: it applies whenever the
 * object itself is the answer, and not when it is only part of one.
 * @param buffers The buffers to transfer. A later list replaces this one.
 * @returns `value`.
 * @throws {AnswerNotTransferableError} If a buffer cannot be transferred: it is
 * shared memory, not an `ArrayBuffer`, already detached, or listed twice; or if
 * `value` is not an object, or is frozen. If a buffer becomes unusable later, the
 * question or command fails with that error.
 *
 * @category Threads
 */
export function transfer<Value extends object>(
  value: Value,
  buffers: readonly ArrayBuffer[],
): Value {
  const list = checkedList(buffers);
  const isListed = isObject(value) &&
    Reflect.defineProperty(value, LIST, { value: list, configurable: true });
  if (isListed) return value;
  throw notTransferable(
    `only an object that is not frozen can hand over buffers: ${textOf(value)}`,
  );
}

/** The buffers to transfer with the answer `value`. Throws {@linkcode AnswerNotTransferableError}, or what a proxy throws. */
export function buffersOf(value: unknown): Transfer {
  if (!isObject(value)) return NOTHING;
  const list = (value as { readonly [LIST]?: unknown })[LIST];
  return list === undefined ? NOTHING : checkedList(list);
}

function checkedList(list: unknown): Transfer {
  if (!Array.isArray(list)) {
    throw notTransferable(
      `buffers to be moved are listed in an array: ${textOf(list)}`,
    );
  }
  const moved = movedBuffers(list);
  if (isError(moved)) throw notTransferable(moved.message, moved);
  return moved;
}

function notTransferable(
  reason: string,
  cause?: Error,
): AnswerNotTransferableError {
  return new AnswerNotTransferableError(
    `Cannot answer: ${reason}`,
    cause && { cause },
  );
}
