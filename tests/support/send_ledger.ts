import {
  ConnectionClosedError,
  type SendCompletion,
  type SendResult,
} from "../../mod.ts";

/** A send with a completion. */
export interface Send {
  /** The number of bytes of the stream that are sent when it is complete. */
  readonly end: number;
  state: "sending" | "waiting" | "refused" | "withdrawn" | "completed";
}

/** Callbacks of a {@linkcode SendLedger}. */
export interface SendLedgerOwner {
  /** A promise was broken. */
  broke(what: string): void;
  /** A completion was called. `body` checks the result. */
  onCompletion(body: () => void): unknown;
  /** A send that ends at position `end` of the stream was reported as sent. */
  onSent(end: number): void;
  /** A send was reported as lost. */
  onLost(): void;
}

/**
 * Checks the completions of one end's sends: each is called once, in order,
 * with the right result.
 */
export class SendLedger {
  readonly #owner: SendLedgerOwner;
  /** Sends that were neither refused nor completed, in order. */
  readonly #waiting: Send[] = [];
  #refusedCount = 0;
  /** The errors of lost sends. */
  readonly #failures: Error[] = [];

  constructor(owner: SendLedgerOwner) {
    this.#owner = owner;
  }

  /** True if all completions have been called. */
  get isSettled(): boolean {
    return this.#waiting.length === 0 && this.#refusedCount === 0;
  }

  /** Number of lost sends. */
  get lostCount(): number {
    return this.#failures.length;
  }

  /**
   * Starts a send that ends at position `end` of the stream. Follow it by
   * `accept` or `refuse`.
   */
  begin(end: number): { send: Send; completion: SendCompletion } {
    const send: Send = { end, state: "sending" };
    this.#waiting.push(send);
    return { send, completion: (result) => this.#onCompleted(send, result) };
  }

  /** `send`, the last one, was accepted, or is lost with its connection. */
  accept(send: Send | undefined): void {
    if (send?.state === "sending") send.state = "waiting";
  }

  /**
   * `send`, the last one, was refused. If `isCalled`, its completion is called
   * anyway.
   */
  refuse(send: Send | undefined, isCalled: boolean): void {
    if (send?.state !== "sending") return;
    this.#waiting.pop();
    send.state = isCalled ? "refused" : "withdrawn";
    if (isCalled) this.#refusedCount++;
  }

  /** The connection has closed for `reason`. */
  onClose(reason: Error | undefined): void {
    if (this.#waiting.length > 0) {
      this.#owner.broke("the connection is gone, and sends are not completed");
    }
    for (const error of this.#failures) {
      const isRight = reason === undefined
        ? error instanceof ConnectionClosedError
        : error === reason;
      if (isRight) continue;
      this.#owner.broke(
        `a send failed for ${error}, the connection for ${reason}`,
      );
    }
  }

  #onCompleted(send: Send, result: SendResult): unknown {
    return this.#owner.onCompletion(() => {
      const { state } = send;
      send.state = "completed";
      if (state === "refused") this.#onRefused(result);
      else if (state === "waiting") this.#onDone(send, result);
      else this.#owner.broke(`a send was completed that was ${state}`);
    });
  }

  #onRefused(result: SendResult): void {
    this.#refusedCount--;
    const isRight = !result.ok && result.error instanceof ConnectionClosedError;
    if (!isRight) {
      this.#owner.broke("the completion of a refused send says otherwise");
    }
  }

  #onDone(send: Send, result: SendResult): void {
    if (this.#waiting.shift() !== send) {
      this.#owner.broke("sends were completed in another order");
    }
    if (!result.ok) {
      this.#failures.push(result.error);
      this.#owner.onLost();
    } else if (this.#failures.length > 0) {
      this.#owner.broke("a send is out, and one before it was lost");
    } else {
      this.#owner.onSent(send.end);
    }
  }
}
