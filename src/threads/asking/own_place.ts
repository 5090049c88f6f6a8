import { answerNotCloneable, copyOf, notCloneable } from "../link/copy.ts";
import type { Place } from "./questions.ts";
import { type QuestionId, Questions } from "./questions.ts";
import type { AnswerTaker, ReceivedQuestions } from "./received_questions.ts";

/** Where a thread asks itself: as if by a link, copies included. */
export class OwnPlace implements Place, AnswerTaker {
  readonly questions: Questions = new Questions();
  readonly #received: ReceivedQuestions;
  #loss: Error | undefined = undefined;

  constructor(received: ReceivedQuestions) {
    this.#received = received;
  }

  sendAsk(id: QuestionId, service: string, param: unknown): Error | undefined {
    if (this.#loss !== undefined) return this.#loss;
    let copy: unknown;
    try {
      copy = copyOf(param);
    } catch (thrown) {
      return notCloneable(param, thrown);
    }
    this.#received.onOwn(this, id, service, copy);
    return undefined;
  }

  sendWithdraw(id: QuestionId): void {
    this.#received.onWithdraw(id);
  }

  /** It asks and answers no more. */
  lose(error: Error): void {
    this.#loss = error;
    this.questions.lose(error);
    this.#received.lose();
  }

  answered(id: QuestionId, value: unknown): void {
    let copy: unknown;
    try {
      copy = copyOf(value);
    } catch (thrown) {
      return this.refused(id, answerNotCloneable(value, thrown));
    }
    this.questions.take(id)?.succeed(copy);
  }

  refused(id: QuestionId, error: Error): void {
    this.questions.take(id)?.fail(error);
  }
}
