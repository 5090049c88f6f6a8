import {
  AnswerNotCloneableError,
  AnswerNotTransferableError,
  NotCloneableError,
} from "../../api/errors.ts";
import { forget } from "../../util/forget.ts";
import { messageOf } from "../../util/text.ts";
import type { Transfer } from "./moved_buffers.ts";
import { type Parcel, parcelOf } from "./own_bytes.ts";
import { copyPlain, NOT_PLAIN, PlainCopy } from "./plain_data.ts";

/** A copy of `value` as another thread would get it, with the `moved` buffers. Throws if it cannot be copied. */
export function copyOf(value: unknown, moved: Transfer = []): unknown {
  return copiedParcel(value, moved).value;
}

/** As {@linkcode copyOf}, with the size. */
export function copiedParcel(value: unknown, moved: Transfer): Parcel {
  const seen = new PlainCopy();
  const copy = moved.length > 0 ? NOT_PLAIN : copyPlain(value, seen);
  if (copy !== NOT_PLAIN) return { value: copy, size: seen.size };
  const { value: own, size } = parcelOf(value, moved);
  const transfer = moved as ArrayBuffer[];
  return { value: structuredClone(own, { transfer }), size };
}

/** The error for `value`, possibly a promise, that could not be sent. */
export function notCloneable(
  value: unknown,
  thrown: unknown,
): NotCloneableError {
  forget(value);
  return new NotCloneableError(
    `what it carries cannot be copied to another thread: ${messageOf(thrown)}`,
    { cause: thrown },
  );
}

/** The error for an answer, `value`, that could not be sent. */
export function answerNotSent(
  value: unknown,
  thrown: unknown,
): AnswerNotCloneableError | AnswerNotTransferableError {
  if (thrown instanceof AnswerNotTransferableError) return thrown;
  const { message, cause } = notCloneable(value, thrown);
  return new AnswerNotCloneableError(`Cannot answer: ${message}`, { cause });
}
