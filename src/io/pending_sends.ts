import type {
  PendingSend,
  SendCompletion,
  SendResult,
} from "../api/send_result.ts";
import { watchPromise } from "../util/promises.ts";

const SENT: SendResult = { ok: true };

/** Receives the errors of completions. */
export interface CompletionHost {
  /** A completion threw, or returned a promise that rejected. */
  onCompletionThrew(thrown: unknown): void;
}

/** The connection whose sends are pending. */
export interface SendProgress {
  /** How many bytes are sent. */
  readonly bytesSent: number;
}

class Pending implements PendingSend {
  readonly endPosition: number;
  readonly msgSize: number;
  readonly completion: SendCompletion;
  next: Pending | null = null;

  constructor(
    endPosition: number,
    msgSize: number,
    completion: SendCompletion,
  ) {
    this.endPosition = endPosition;
    this.msgSize = msgSize;
    this.completion = completion;
  }
}

/** The sends of a connection whose completions are not called yet, in order. */
export class PendingSends {
  readonly #progress: SendProgress;
  readonly #host: CompletionHost;
  #first: Pending | null = null;
  #last: Pending | null = null;
  #count = 0;

  constructor(progress: SendProgress, host: CompletionHost) {
    this.#progress = progress;
    this.#host = host;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Appends a send that ends at `endPosition`, counted in bytes since the
   * connection opened.
   */
  add(endPosition: number, msgSize: number, completion: SendCompletion): void {
    const pending = new Pending(endPosition, msgSize, completion);
    if (this.#last === null) this.#first = pending;
    else this.#last.next = pending;
    this.#last = pending;
    this.#count++;
  }

  /** Removes the sends that are out, and calls their completions. */
  settle(): void {
    const progress = this.#progress;
    while ((this.#first?.endPosition ?? Infinity) <= progress.bytesSent) {
      completeSend(this.#take(), SENT, this.#host);
    }
  }

  /** Removes all sends, and calls their completions with `error`. */
  fail(error: Error): void {
    while (this.#first !== null) {
      completeSend(this.#take(), { ok: false, error }, this.#host);
    }
  }

  /** Removes the first send, of at least one, and returns its completion. */
  #take(): SendCompletion {
    const { next, completion } = this.#first as Pending;
    this.#first = next;
    if (next === null) this.#last = null;
    this.#count--;
    return completion;
  }
}

/** Calls `completion`. If it throws or rejects, `host` is notified. */
export function completeSend(
  completion: SendCompletion,
  result: SendResult,
  host: CompletionHost,
): void {
  try {
    watchPromise(
      completion(result),
      (thrown) => host.onCompletionThrew(thrown),
    );
  } catch (thrown) {
    host.onCompletionThrew(thrown);
  }
}
