/** Sends messages. */
export interface Outlet {
  postMessage(message: unknown, transferList?: readonly unknown[]): void;
  close(): void;
}

/** The part of a MessagePort of node:worker_threads that is used. */
export interface Port extends Outlet {
  on(event: "message", listener: (message: unknown) => void): void;
}

/** One end of a channel, with an event for when either end is closed. */
export interface ChannelPort extends Port {
  on(event: "message", listener: (message: unknown) => void): void;
  on(event: "close", listener: () => void): void;
}
