import { checkMember, type MemberType } from "./check_member.ts";
import { InvalidArgumentError } from "./errors.ts";

/**
 * Throws {@linkcode InvalidArgumentError} unless `value` can be used as `use`,
 * such as "a runtime": its member `name` is of type `type`.
 */
export function checkArgument(
  value: unknown,
  use: string,
  name: string,
  type?: MemberType,
): void {
  checkMember(value, use, name, InvalidArgumentError, type);
}
