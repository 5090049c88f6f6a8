import type { DropReason } from "../api/drops.ts";
import {
  InvalidReactorError,
  ResourcesExhaustedError,
  RuntimeStoppedError,
} from "../api/errors.ts";
import type { AcceptedConnection, Reactor } from "../api/reactor.ts";
import { literalOf } from "../util/text.ts";

/**
 * Returns why a connection is dropped, given that `error` keeps it from being
 * served.
 */
export function dropReasonOf(error: Error): DropReason {
  if (error instanceof ResourcesExhaustedError) return "noRoom";
  return error instanceof RuntimeStoppedError ? "closing" : "handlerFailed";
}

/**
 * Checks what a handler returned for a connection. Throws
 * {@linkcode InvalidReactorError}.
 */
export function reactorOf<UserCommand>(
  accepted: AcceptedConnection<UserCommand> | undefined,
): Reactor<UserCommand> {
  if (typeof accepted === "object" && "reactor" in accepted) {
    return accepted.reactor;
  }
  throw new InvalidReactorError(
    `Cannot use ${
      literalOf(accepted)
    } as a connection: onNewConnection returns { reactor } or null`,
  );
}
