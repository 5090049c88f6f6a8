import type { PendingSend, SendCompletion } from "../api/send_result.ts";

class Pending implements PendingSend {
  next: Pending | null = null;

  readonly endPosition: number;
  readonly msgSize: number;
  readonly completion: SendCompletion;

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

/** The sends of a connection whose completions are still to be called, in order. */
export class PendingSends {
  #first: Pending | null = null;
  #last: Pending | null = null;
  #count = 0;

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** The `endPosition` of the first one, `Infinity` if there is none. */
  get firstEnd(): number {
    return this.#first === null ? Infinity : this.#first.endPosition;
  }

  /** Puts a send that ends at `endPosition` behind the others. */
  add(endPosition: number, msgSize: number, completion: SendCompletion): void {
    const pending = new Pending(endPosition, msgSize, completion);
    if (this.#last === null) this.#first = pending;
    else this.#last.next = pending;
    this.#last = pending;
    this.#count++;
  }

  /** Removes the first one, of at least one, and returns its completion. */
  take(): SendCompletion {
    const { next, completion } = this.#first as Pending;
    this.#first = next;
    if (next === null) this.#last = null;
    this.#count--;
    return completion;
  }
}
