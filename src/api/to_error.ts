import { HandlerError } from "./errors.ts";
import { isError, literalOf } from "../util/text.ts";

/**
 * Returns `thrown` if it is an `Error`, otherwise a {@linkcode HandlerError}
 * around it.
 */
export function toError(thrown: unknown, handler: string): Error {
  return errorFrom(thrown, `${handler} threw`);
}

/** Returns `given` if it is an `Error`, otherwise one around it, which says `what` came with it. */
export function errorFrom(given: unknown, what: string): Error {
  return isError(given) ? given : new HandlerError(
    `${what} ${literalOf(given)}, which is not an Error`,
    { cause: given },
  );
}
