import {
  AnswerNotCloneableError,
  AnswerNotTransferableError,
  NotCloneableError,
} from "../../api/errors.ts";
import { forget } from "../../util/forget.ts";
import { messageOf } from "../../util/text.ts";
import type { Transfer } from "./moved_buffers.ts";
import { withOwnBytes } from "./own_bytes.ts";
import { copyPlain, NOT_PLAIN } from "./plain_data.ts";

/** `value` as it would come to another thread, with what is `moved` there. Throws what keeps it from being copied. */
export function copyOf(value: unknown, moved: Transfer = []): unknown {
  const copy = moved.length > 0 ? NOT_PLAIN : copyPlain(value, []);
  if (copy !== NOT_PLAIN) return copy;
  return structuredClone(withOwnBytes(value, moved), {
    transfer: moved as ArrayBuffer[],
  });
}

/** Why `value`, maybe a promise, was not sent. */
export function notCloneable(
  value: unknown,
  thrown: unknown,
): NotCloneableError {
  forget(value);
  return new NotCloneableError(
    `it cannot be copied to another thread: ${messageOf(thrown)}`,
    { cause: thrown },
  );
}

/** Why `value`, which was to be an answer, was not sent. */
export function answerNotSent(
  value: unknown,
  thrown: unknown,
): AnswerNotCloneableError | AnswerNotTransferableError {
  if (thrown instanceof AnswerNotTransferableError) return thrown;
  const { message, cause } = notCloneable(value, thrown);
  return new AnswerNotCloneableError(`Cannot answer: ${message}`, { cause });
}
