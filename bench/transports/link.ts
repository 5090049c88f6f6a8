import type { MessagePort } from "node:worker_threads";

/** One end of a link between two threads. */
export interface Link {
  /** Number of commands sent but not completed yet. */
  readonly countUncompleted: number;
  /** Sends `cmd` to the other end, no later than the next `flush`. */
  send(cmd: unknown): void;
  /** Called at the end of the turn: sends what is pending. */
  flush(): void;
}

/** What two threads share, for any kind of link. */
export interface LinkMedium {
  readonly port: MessagePort;
  /** The rings of `ring.ts`. */
  readonly outRing: SharedArrayBuffer;
  readonly inRing: SharedArrayBuffer;
}

/**
 * Opens this end of a link. `receive` is called with each command that arrives.
 */
export type OpenLink = (
  medium: LinkMedium,
  receive: (cmd: unknown) => void,
) => Link;
