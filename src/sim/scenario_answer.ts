import { InvalidOptionError } from "../api/errors.ts";
import { forget } from "../util/forget.ts";
import { textOf } from "../util/text.ts";

/** Returns what `check` returns; messages call it `what`. Throws {@linkcode InvalidOptionError} if that is a promise or another object, which would count as true. */
export function answerOf(
  what: string,
  check: () => boolean | void,
): boolean | void {
  const answer: unknown = check();
  if (typeof answer !== "object" || answer === null) {
    return answer as boolean | void;
  }
  forget(answer);
  throw new InvalidOptionError(
    `Cannot use ${what} that returns ${
      textOf(answer)
    }: it must return true or false, not a promise`,
  );
}
