import { inNobodysContext } from "../../adapters/async_context.ts";
import type { Batch, LoneCommand } from "./batch.ts";
import type { Envelope } from "./envelope.ts";
import type { Outlet, Port } from "./port.ts";
import { recordsIn } from "./records_message.ts";

/** Who takes the messages of a port, by their kind. */
export interface PortHandlers {
  /** Commands and answers came in. */
  onRecords(message: Batch | LoneCommand): void;
  /** Anything else came in. */
  onEnvelope?(envelope: Envelope): void;
}

/**
 * Receives all that comes in by a port, in nobody's asynchronous context: whose
 * it is does not depend on who opened the port. Holds it back until it is
 * served, then hands each message to the handler of its kind, in order.
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
      inNobodysContext(() =>
        port.on("message", (message) => {
          resolve(message);
          this.#receive(message);
        })
      )
    );
  }

  /** Hands on what was held back, and from now on everything. Called once. */
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
