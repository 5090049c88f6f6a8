/**
 * How an answer hands buffers over.
 *
 * @module
 */

import { AnswerNotTransferableError } from "../api/errors.ts";
import { isError, isObject, textOf } from "../util/text.ts";
import { movedBuffers, type Transfer } from "./link/moved_buffers.ts";

/** By this an answer lists its buffers, for every copy of this package. */
const LIST = Symbol.for("@reactio/reactio: transfer");

const NOTHING: Transfer = [];

/**
 * Has buffers be moved, not copied, when a service answers `value`, or `onCommand`
 * returns it for another thread. Nobody else may have them: once the answer is on
 * its way, at the end of the turn, this thread has them no more. Until then they
 * must not change. If nobody hears the answer, they may be moved or not.
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
 * @param value The answer. The list goes with this object itself: it counts for
 * each answer that the object is, and for none that only holds it.
 * @param buffers The buffers of it that are to be moved. A later list replaces this.
 * @returns `value`.
 * @throws {AnswerNotTransferableError} If one of the buffers cannot be moved: it is
 * shared memory or no `ArrayBuffer`, was moved already, or is listed twice; or if
 * `value` is no object, or a frozen one. If this becomes so later, the question, or
 * the command, fails with that error.
 *
 * @category Threads
 */
export function transfer<Value extends object>(
  value: Value,
  buffers: readonly ArrayBuffer[],
): Value {
  const list = listOf(buffers);
  const isListed = isObject(value) &&
    Reflect.defineProperty(value, LIST, { value: list, configurable: true });
  if (isListed) return value;
  throw notTransferable(
    `only an object that is not frozen can hand over buffers: ${textOf(value)}`,
  );
}

/** The buffers that are to be moved with the answer `value`. Throws {@linkcode AnswerNotTransferableError}, and what a proxy throws. */
export function buffersOf(value: unknown): Transfer {
  if (!isObject(value)) return NOTHING;
  const list = (value as { readonly [LIST]?: unknown })[LIST];
  return list === undefined ? NOTHING : listOf(list);
}

function listOf(list: unknown): Transfer {
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
