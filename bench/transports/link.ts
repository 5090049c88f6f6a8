import type { MessagePort } from "node:worker_threads";

/** One end of a link between two threads. */
export interface Link {
  /** How many commands were sent whose completion is still to come. */
  readonly countUncompleted: number;
  /** Sends `cmd` to the other end, at the next `flush` at the latest. */
  send(cmd: unknown): void;
  /** The turn is over: what was sent is to go out. */
  flush(): void;
}

/** What two threads have in common: enough for a link of any kind. */
export interface LinkMedium {
  readonly port: MessagePort;
  /** The rings of `ring.ts`. */
  readonly outRing: SharedArrayBuffer;
  readonly inRing: SharedArrayBuffer;
}

/** Opens this end of a link; `receive` is called with each command that comes. */
export type OpenLink = (
  medium: LinkMedium,
  receive: (cmd: unknown) => void,
) => Link;
