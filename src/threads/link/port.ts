/** What messages are sent by. */
export interface Outlet {
  postMessage(message: unknown, transferList?: readonly unknown[]): void;
  close(): void;
}

/** What is used of a MessagePort of node:worker_threads. */
export interface Port extends Outlet {
  on(event: "message", listener: (message: unknown) => void): void;
}

/** An end of a channel, which hears that either end was closed. */
export interface ChannelPort extends Port {
  on(event: "message", listener: (message: unknown) => void): void;
  on(event: "close", listener: () => void): void;
}
