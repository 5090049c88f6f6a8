import {
  ConnectionClosedError,
  type SendCompletion,
  type SendResult,
} from "../../mod.ts";

/** A send whose completion is to be called. */
export interface Send {
  /** How many bytes of the stream are out when it is out. */
  readonly end: number;
  state: "sending" | "waiting" | "refused" | "withdrawn" | "completed";
}

/** What hears of the sends in a {@linkcode SendLedger}. */
export interface SendLedgerOwner {
  /** A promise was broken. */
  broke(what: string): void;
  /** A completion is called; `body` checks what it says. */
  onCompletion(body: () => void): unknown;
  /** A send up to the position `end` of the stream is said to be out. */
  onSent(end: number): void;
  /** A send is said to be lost. */
  onLost(): void;
}

/** The sends of one end of a connection that have completions: each is called once, in order, and tells the truth. */
export class SendLedger {
  readonly #owner: SendLedgerOwner;
  /** Those that were not refused and are not completed, in order. */
  readonly #waiting: Send[] = [];
  #refusedCount = 0;
  /** What was given to the completions of sends that are lost. */
  readonly #failures: Error[] = [];

  constructor(owner: SendLedgerOwner) {
    this.#owner = owner;
  }

  /** True if no completion is left to be called. */
  get isSettled(): boolean {
    return this.#waiting.length === 0 && this.#refusedCount === 0;
  }

  /** How many sends were lost. */
  get lostCount(): number {
    return this.#failures.length;
  }

  /** A send up to the position `end` of the stream begins; how it ends is told by `accept` or `refuse`. */
  begin(end: number): { send: Send; completion: SendCompletion } {
    const send: Send = { end, state: "sending" };
    this.#waiting.push(send);
    return { send, completion: (result) => this.#onCompleted(send, result) };
  }

  /** `send`, the last one, was accepted, or is lost with its connection. */
  accept(send: Send | undefined): void {
    if (send?.state === "sending") send.state = "waiting";
  }

  /** `send`, the last one, was refused; its completion is called nevertheless if `isCalled`. */
  refuse(send: Send | undefined, isCalled: boolean): void {
    if (send?.state !== "sending") return;
    this.#waiting.pop();
    send.state = isCalled ? "refused" : "withdrawn";
    if (isCalled) this.#refusedCount++;
  }

  /** The connection is gone, for `reason`. */
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
