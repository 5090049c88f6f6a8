import type { Socket } from "../contract/socket.ts";
import type { TurnLoop } from "./turn_loop.ts";

/**
 * Callbacks for the outcome of an opening. Exactly one is called, once, unless
 * the opening is cancelled.
 */
export interface OpeningOutcome {
  /** The socket must be started or destroyed before this returns. */
  onOpened(socket: Socket): void;
  /** The peer asked for an answer instead of a connection, and got it. */
  onAnswered(): void;
  onFailed(error: Error): void;
}

/**
 * An opening in progress: what a connection goes through before it is served.
 */
export interface PendingOpening {
  /** Cancels it. No callback follows. */
  cancel(): void;
}

/** One end of the opening of connections. */
export interface OpeningEnd {
  /** Starts an opening on `socket` for `action`. */
  begin<UserCommand>(
    loop: TurnLoop<UserCommand>,
    socket: Socket,
    action: string,
    outcome: OpeningOutcome,
  ): PendingOpening;
}
