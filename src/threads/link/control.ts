import { errorOf, type ErrorRecord, errorRecord } from "./error_record.ts";
import type { Link } from "./link.ts";
import type { NameMessage } from "../names/naming.ts";
import type { WorkerSetup } from "../worker/worker_setup.ts";
import type { Port } from "./port.ts";

/** What the main thread and a worker tell each other besides commands. */
export type ControlMessage =
  // To a worker.
  | { readonly type: "start"; readonly setup: WorkerSetup }
  | { readonly type: "link"; readonly peer: number; readonly port: Port }
  | {
    readonly type: "unlink";
    readonly peer: number;
    readonly error: ErrorRecord;
  }
  | { readonly type: "stop"; readonly graceMs: number }
  // To both: a name now stands for a reactor, or no longer.
  | NameMessage
  // To the main thread: the end.
  | { readonly type: "crashed"; readonly error: ErrorRecord };

/** A control message on its way; `request` numbers it if an answer is wanted. */
interface Envelope {
  readonly request?: number;
  readonly message?: ControlMessage;
  readonly answer?: { readonly value: unknown } | {
    readonly error: ErrorRecord;
  };
}

/** The first message to a worker. */
export interface StartEnvelope {
  readonly request: number;
  readonly message: { readonly type: "start"; readonly setup: WorkerSetup };
}

/** The answer of a worker that cannot start. */
export function failedEnvelope(
  { request }: StartEnvelope,
  thrown: unknown,
): Envelope {
  return { request, answer: { error: errorRecord(thrown) } };
}

/** The last message of a worker that threw outside of a reactor. */
export function crashedEnvelope(thrown: unknown): Envelope {
  return { message: { type: "crashed", error: errorRecord(thrown) } };
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Asks and answers over the link between the main thread and a worker. */
export class Control {
  readonly #link: Link;
  readonly #onMessage: (message: ControlMessage) => unknown;
  readonly #waiting = new Map<number, Waiting>();
  #requestCount = 0;
  #loss: Error | undefined = undefined;

  /** What `onMessage` returns or throws, or its promise, is the answer to a question. */
  constructor(link: Link, onMessage: (message: ControlMessage) => unknown) {
    this.#link = link;
    this.#onMessage = onMessage;
  }

  /** Sends `message` and wants no answer. */
  tell(message: ControlMessage, transfer?: readonly unknown[]): void {
    this.#link.post({ message }, transfer);
  }

  /** Sends `message`; resolves to the answer. Rejects with the error that the other thread has, or with what it was lost by. */
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

  /** A message came in that is no batch of records. */
  async receive(envelope: Envelope): Promise<void> {
    const { request, message, answer } = envelope;
    if (answer !== undefined) {
      const waiting = this.#waiting.get(request as number);
      this.#waiting.delete(request as number);
      if ("error" in answer) waiting?.reject(errorOf(answer.error));
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
