import { forget } from "../util/forget.ts";
import { literalOf, messageOf } from "../util/text.ts";

/** What a member that is looked for may be. */
export type MemberType = "function" | "number" | "object";

type Members = Readonly<Record<string, unknown>> | null | undefined;

/**
 * Throws an `errorClass` unless the member `name` of `value` is of type `type`:
 * then it cannot be used as `use`, such as "a runtime".
 */
export function checkMember(
  value: unknown,
  use: string,
  name: string,
  errorClass: new (message: string, options: ErrorOptions) => Error,
  type: MemberType = "function",
): void {
  let cause: unknown = undefined;
  try {
    const found: string = typeof (value as Members)?.[name];
    if (found === type) return;
  } catch (thrown) {
    cause = thrown;
  }
  forget(value);
  throw new errorClass(
    `Cannot use ${literalOf(value)} as ${use}: ${
      cause === undefined
        ? `it has no ${name}`
        : `its ${name} cannot be read (${messageOf(cause)})`
    }`,
    { cause },
  );
}
