import { outsideAsyncContext } from "../../adapters/async_context.ts";
import type { Batch, LoneCommand } from "./batch.ts";
import type { Envelope } from "./envelope.ts";
import type { Outlet, Port } from "./port.ts";
import { recordsIn } from "./records_message.ts";

/** The handlers of a port's messages, by kind. */
export interface PortHandlers {
  onRecords(message: Batch | LoneCommand): void;
  onEnvelope?(envelope: Envelope): void;
}

/**
 * Receives the messages of a port, outside of any asynchronous context. Holds them
 * back until the port is served, then passes each to the handler of its kind, in
 * order.
 */
export class BufferedPort implements Outlet {
  /** Resolves to the first message, which is held back like the others. */
  readonly first: Promise<unknown>;
  readonly #port: Port;
  #held: unknown[] = [];
  #handlers: PortHandlers | undefined = undefined;

  constructor(port: Port) {
    this.#port = port;
    this.first = new Promise((resolve) =>
      outsideAsyncContext(() =>
        port.on("message", (message) => {
          resolve(message);
          this.#receive(message);
        })
      )
    );
  }

  /** Passes on what was held back, and from now on everything. Called once. */
  serve(handlers: PortHandlers): void {
    this.#handlers = handlers;
    const held = this.#held;
    this.#held = [];
    for (const message of held) this.#receive(message);
  }

  postMessage(message: unknown, transferList?: readonly unknown[]): void {
    this.#port.postMessage(message, transferList);
  }

  close(): void {
    this.#port.close();
  }

  #receive(message: unknown): void {
    const handlers = this.#handlers;
    if (handlers === undefined) return void this.#held.push(message);
    const records = recordsIn(message);
    if (records !== undefined) handlers.onRecords(records);
    else handlers.onEnvelope?.(message as Envelope);
  }
}
