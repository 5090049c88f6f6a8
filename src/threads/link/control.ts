import type { TurnLoop } from "../../core/turn_loop.ts";
import type { BufferedPort } from "./buffered_port.ts";
import type { ControlMessage, Envelope } from "./envelope.ts";
import { errorFromRecord, errorRecord } from "./error_record.ts";
import type { Link } from "./link.ts";

interface WaitingForAnswer {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Requests and responses between the main thread and a worker, over their link. */
export class Control {
  readonly #link: Link;
  readonly #onMessage: (message: ControlMessage) => unknown;
  readonly #waiting = new Map<number, WaitingForAnswer>();
  #requestCount = 0;
  #loss: Error | undefined = undefined;

  /** The answer to a request is what `onMessage` returns or throws, or its promise settles with. */
  constructor(link: Link, onMessage: (message: ControlMessage) => unknown) {
    this.#link = link;
    this.#onMessage = onMessage;
  }

  /** Sends `message` without waiting for an answer. */
  tell(message: ControlMessage, transfer?: readonly unknown[]): void {
    this.#link.post({ message }, transfer);
  }

  /** Sends `message`; resolves to the answer. Rejects with the error of the other thread, or with the reason why that thread is gone. */
  ask(
    message: ControlMessage,
    transfer?: readonly unknown[],
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#loss !== undefined) return reject(this.#loss);
      const request = ++this.#requestCount;
      this.#link.post({ request, message }, transfer); // may throw
      this.#waiting.set(request, { resolve, reject });
    });
  }

  /** The other thread is gone. */
  lose(error: Error): void {
    this.#loss = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  /** Takes a message that is not a batch of records. */
  async receive(envelope: Envelope): Promise<void> {
    const { request, message, answer } = envelope;
    if (answer !== undefined) {
      const waiting = this.#waiting.get(request as number);
      this.#waiting.delete(request as number);
      if ("error" in answer) waiting?.reject(errorFromRecord(answer.error));
      else waiting?.resolve(answer.value);
    } else if (request === undefined) {
      await this.#onMessage(message as ControlMessage);
    } else {
      this.#link.post({
        request,
        answer: await this.#answerTo(message as ControlMessage),
      });
    }
  }

  async #answerTo(message: ControlMessage): Promise<Envelope["answer"]> {
    try {
      return { value: await this.#onMessage(message) };
    } catch (error) {
      return { error: errorRecord(error) };
    }
  }
}

/** Passes records from `port` to `link`, and everything else to `control`, if there is one. */
export function serveLink(
  port: BufferedPort,
  loop: TurnLoop<unknown>,
  link: Link,
  control?: Control,
): void {
  port.serve({
    onRecords: (message) => loop.onCommandEvent(() => link.receive(message)),
    onEnvelope: (envelope) => void control?.receive(envelope),
  });
}
