import type { DropReason } from "../api/drops.ts";
import {
  InvalidReactorError,
  ResourcesExhaustedError,
  RuntimeStoppedError,
} from "../api/errors.ts";
import type { AcceptedConnection, Reactor } from "../api/reactor.ts";
import { textOf } from "../util/text.ts";

/** The reason to drop a connection that a handler wants, if `error` keeps it from being served. */
export function dropReasonOf(error: Error): DropReason {
  if (error instanceof ResourcesExhaustedError) return "noRoom";
  return error instanceof RuntimeStoppedError ? "closing" : "handlerFailed";
}

/** What a handler returned for a connection, checked. Throws {@linkcode InvalidReactorError}. */
export function reactorOf<UserCommand>(
  accepted: AcceptedConnection<UserCommand> | undefined,
): Reactor<UserCommand> {
  if (typeof accepted === "object") return accepted.reactor;
  throw new InvalidReactorError(
    `Cannot use ${
      textOf(accepted)
    } as a connection: onNewConnection returns { reactor } or null`,
  );
}
