import { AskOutcomeUnknownError, AskTimeoutError } from "../../api/errors.ts";

/** A question that was sent. It may be answered when nobody waits for that any more. */
export class Question {
  /** Settles with the answer, or with why there is none. */
  readonly answer: Promise<unknown>;
  readonly #action: string;
  readonly #onLateAnswer: () => void;
  #isOpen = true;
  #resolve: (value: unknown) => void = () => {};
  #reject: (reason: unknown) => void = () => {};

  /** `action` is what it does, for messages; `onLateAnswer` hears of an answer that comes when nobody waits for it. */
  constructor(action: string, onLateAnswer: () => void) {
    this.#action = action;
    this.#onLateAnswer = onLateAnswer;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** It is answered. */
  succeed(value: unknown): void {
    if (this.#close()) this.#resolve(value);
    else this.#onLateAnswer();
  }

  /** The answer is that it failed: the service has thrown, or it was refused. */
  fail(error: Error): void {
    if (this.#close()) this.#reject(error);
    else this.#onLateAnswer();
  }

  /** Nobody waits any more, because of `reason`; false if it is answered. */
  giveUp(reason: unknown): boolean {
    if (!this.#close()) return false;
    this.#reject(reason);
    return true;
  }

  /** As {@linkcode Question.giveUp}, since no answer came within `timeoutMs`. */
  expire(timeoutMs: number): boolean {
    return this.giveUp(
      new AskTimeoutError(
        `Cannot ${this.#action}: no answer within ${timeoutMs} ms, and nobody knows what became of it`,
      ),
    );
  }

  /** No answer will come: the thread is lost by `error`. */
  lose(error: Error): void {
    this.giveUp(
      new AskOutcomeUnknownError(
        `Cannot ${this.#action}: ${error.message}, and nobody knows what became of it`,
        { cause: error },
      ),
    );
  }

  #close(): boolean {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    return wasOpen;
  }
}
