import type { Socket } from "../contract/socket.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** Is told how an opening ended: by one of the three, once, unless it was cancelled. */
export interface OpeningOutcome {
  /** The socket is to be started or destroyed before this returns. */
  onOpened(socket: Socket): void;
  /** The peer wanted an answer instead of a connection, and has it. */
  onAnswered(): void;
  onFailed(error: Error): void;
}

/** What a connection goes through before it is served. */
export interface PendingOpening {
  /** Gives up: the outcome is not told. */
  cancel(): void;
}

/** One end of what connections go through before they are served. */
export interface OpeningEnd {
  /** Begins it on `socket`, to do `action`. */
  begin<UserCommand>(
    loop: TurnLoop<UserCommand>,
    socket: Socket,
    action: string,
    outcome: OpeningOutcome,
  ): PendingOpening;
}
