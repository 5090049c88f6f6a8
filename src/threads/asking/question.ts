import { AskOutcomeUnknownError, AskTimeoutError } from "../../api/errors.ts";

/** A question that was sent. Its answer may come too late. */
export class Question {
  /** Resolves to the answer; rejects with the reason why there is none. */
  readonly answer: Promise<unknown>;
  readonly #action: string;
  readonly #onLateAnswer: () => void;
  #isOpen = true;
  #resolve: (value: unknown) => void = () => {};
  #reject: (reason: unknown) => void = () => {};

  /** `action` describes it, for messages; `onLateAnswer` is called if the answer comes too late. */
  constructor(action: string, onLateAnswer: () => void) {
    this.#action = action;
    this.#onLateAnswer = onLateAnswer;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  succeed(value: unknown): void {
    if (this.#close()) this.#resolve(value);
    else this.#onLateAnswer();
  }

  /** It has failed: the service has thrown, or it was refused. */
  fail(error: Error): void {
    if (this.#close()) this.#reject(error);
    else this.#onLateAnswer();
  }

  /** The caller stops waiting, because of `reason`; false if it was answered already. */
  giveUp(reason: unknown): boolean {
    if (!this.#close()) return false;
    this.#reject(reason);
    return true;
  }

  /** As {@linkcode Question.giveUp}, because no answer came within `timeoutMs`. */
  expire(timeoutMs: number): boolean {
    return this.giveUp(
      new AskTimeoutError(
        `Cannot ${this.#action}: no answer within ${timeoutMs} ms, and nobody knows what became of it`,
      ),
    );
  }

  /** No answer will come: the thread was lost because of `error`. */
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
