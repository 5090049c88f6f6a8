import {
  AnswerNotCloneableError,
  NotCloneableError,
} from "../../api/errors.ts";
import { forget } from "../../util/forget.ts";
import { messageOf } from "../../util/text.ts";
import { withOwnBytes } from "./own_bytes.ts";
import { copyPlain, NOT_PLAIN } from "./plain_data.ts";

/** `value` as it would come to another thread. Throws what keeps it from being copied. */
export function copyOf(value: unknown): unknown {
  const copy = copyPlain(value, []);
  return copy === NOT_PLAIN ? structuredClone(withOwnBytes(value)) : copy;
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
export function answerNotCloneable(
  value: unknown,
  thrown: unknown,
): AnswerNotCloneableError {
  const { message, cause } = notCloneable(value, thrown);
  return new AnswerNotCloneableError(`Cannot answer: ${message}`, { cause });
}
