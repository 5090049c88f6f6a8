import type { MessagePort } from "node:worker_threads";

/** One end of a way between two threads. */
export interface Way {
  /** How many commands were sent whose completion is still to come. */
  readonly countUncompleted: number;
  /** Sends `cmd` to the other end, at the next `flush` at the latest. */
  send(cmd: unknown): void;
  /** The turn is over: what was sent is to go out. */
  flush(): void;
}

/** What two threads have in common: enough for any way between them. */
export interface Channel {
  readonly port: MessagePort;
  /** The rings of `ring.ts`. */
  readonly outRing: SharedArrayBuffer;
  readonly inRing: SharedArrayBuffer;
}

/** Opens this end of a way; `receive` is called with each command that comes. */
export type OpenWay = (
  channel: Channel,
  receive: (cmd: unknown) => void,
) => Way;
