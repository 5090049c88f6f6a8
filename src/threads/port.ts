/** What is used of a MessagePort of node:worker_threads. */
export interface Port {
  postMessage(message: unknown, transferList?: readonly unknown[]): void;
  on(event: "message", listener: (message: unknown) => void): void;
  close(): void;
}
