import {
  ConnectionClosedError,
  type SendCompletion,
  type SendResult,
} from "../../mod.ts";
import type { ChaosEnd } from "./chaos_end.ts";

/** A send whose completion is to be called. */
interface Send {
  /** How many bytes of the stream are out when it is out. */
  readonly end: number;
  state: "waiting" | "refused" | "withdrawn" | "told";
}

/** The sends of an end that are to be told of: each once, in order, and truly. */
export class SendLedger {
  readonly #end: ChaosEnd;
  /** Those that were accepted and not told of, in order. */
  readonly #waiting: Send[] = [];
  #refusedCount = 0;
  /** What those were told that are lost. */
  readonly #failures: Error[] = [];

  constructor(end: ChaosEnd) {
    this.#end = end;
  }

  /** True if nothing is left to be told. */
  get isSettled(): boolean {
    return this.#waiting.length === 0 && this.#refusedCount === 0;
  }

  /** A send up to the position `end` of the stream begins. */
  begin(end: number): { send: Send; completion: SendCompletion } {
    const send: Send = { end, state: "waiting" };
    this.#waiting.push(send);
    return { send, completion: (result) => this.#onTold(send, result) };
  }

  /** `send`, the last one, was not accepted; it is told of nevertheless if `isTold`. */
  refuse(send: Send | undefined, isTold: boolean): void {
    if (send === undefined) return;
    this.#waiting.pop();
    send.state = isTold ? "refused" : "withdrawn";
    if (isTold) this.#refusedCount++;
  }

  /** The connection is gone, for `reason`. */
  onClose(reason: Error | undefined): void {
    if (this.#waiting.length > 0) {
      this.#end.broke("the connection is gone, and sends are not completed");
    }
    for (const error of this.#failures) {
      const isRight = reason === undefined
        ? error instanceof ConnectionClosedError
        : error === reason;
      if (isRight) continue;
      this.#end.broke(
        `a send failed for ${error}, the connection for ${reason}`,
      );
    }
  }

  #onTold(send: Send, result: SendResult): unknown {
    return this.#end.onCompletion(() => {
      const { state } = send;
      send.state = "told";
      if (state === "refused") this.#onRefused(result);
      else if (state === "waiting") this.#onDone(send, result);
      else this.#end.broke(`a send was completed that was ${state}`);
    });
  }

  #onRefused(result: SendResult): void {
    this.#refusedCount--;
    const isRight = !result.ok && result.error instanceof ConnectionClosedError;
    if (!isRight) this.#end.broke("a send that was refused was told otherwise");
  }

  #onDone(send: Send, result: SendResult): void {
    if (this.#waiting.shift() !== send) {
      this.#end.broke("sends were completed in another order");
    }
    if (!result.ok) {
      this.#failures.push(result.error);
      this.#end.life.foundGone();
    } else if (this.#failures.length > 0) {
      this.#end.broke("a send is out, and one before it was lost");
    } else if (send.end > this.#end.out.handed.position) {
      this.#end.broke(`a send to ${send.end} is not out: ${this.#end.out}`);
    }
  }
}
