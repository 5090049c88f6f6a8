import { NotCloneableError } from "../../api/errors.ts";
import { forget } from "../../util/forget.ts";
import { messageOf } from "../../util/text.ts";
import { withOwnBytes } from "./own_bytes.ts";
import { copyPlain, NOT_PLAIN } from "./plain_data.ts";

/** `value` as it would come to another thread. Throws {@linkcode NotCloneableError}, whose message is the reason alone. */
export function copyOf(value: unknown): unknown {
  try {
    const copy = copyPlain(value, []);
    return copy === NOT_PLAIN ? structuredClone(withOwnBytes(value)) : copy;
  } catch (thrown) {
    throw notCloneable(value, thrown);
  }
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
