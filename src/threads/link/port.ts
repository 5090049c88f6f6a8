/** What is used of a MessagePort of node:worker_threads. */
export interface Port {
  postMessage(message: unknown, transferList?: readonly unknown[]): void;
  on(event: "message", listener: (message: unknown) => void): void;
  close(): void;
}

/** An end of a channel, which hears that either end was closed. */
export interface ChannelPort extends Port {
  on(event: "message", listener: (message: unknown) => void): void;
  on(event: "close", listener: () => void): void;
}
