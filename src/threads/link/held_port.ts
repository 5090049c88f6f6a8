import type { Port } from "./port.ts";

/** The port to the main thread, which holds messages back until the module is loaded. */
export class HeldPort implements Port {
  /** Resolves to the first message. */
  readonly first: Promise<unknown>;
  readonly #port: Port;
  readonly #listeners: ((message: unknown) => void)[] = [];
  #held: unknown[] | undefined = [];

  constructor(port: Port) {
    this.#port = port;
    this.first = new Promise((resolve) => {
      port.on("message", (message) => {
        resolve(message);
        if (this.#held !== undefined) this.#held.push(message);
        else this.#deliver(message);
      });
    });
  }

  postMessage(message: unknown, transfer?: readonly unknown[]): void {
    this.#port.postMessage(message, transfer);
  }

  on(_event: "message", listener: (message: unknown) => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#port.close();
  }

  /** Delivers what was held back, and from now on everything. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const message of held) this.#deliver(message);
  }

  #deliver(message: unknown): void {
    for (const listener of this.#listeners) listener(message);
  }
}
