import { TooManyQuestionsError } from "../../api/errors.ts";
import { MAX_QUESTIONS } from "../../tuning.ts";
import { countIs } from "../../util/text.ts";
import type { Transfer } from "../link/moved_buffers.ts";
import type { Question } from "./question.ts";
import type { TellRoom } from "./tell_room.ts";

/** The number of a question, among those that one thread asks another. */
export type QuestionId = number;

/** A destination of questions and messages. A method that returns an error has sent nothing; the message of the error is a reason without an action. */
export interface Place {
  /** The unanswered questions there. */
  readonly questions: Questions;
  /** The room for messages there. */
  readonly room: TellRoom;
  /** Sends a question. Before anything else changes, `param` is copied and the buffers in `transfer` are transferred. */
  sendAsk(
    id: QuestionId,
    service: string,
    param: unknown,
    transfer: Transfer,
  ): Error | undefined;
  /** Sends a message in the same way. */
  sendTell(
    service: string,
    param: unknown,
    transfer: Transfer,
  ): Error | undefined;
  /** Tells the other thread that nobody waits for the answer any more. */
  sendWithdraw(id: QuestionId): void;
}

/**
 * The questions that a thread was asked and has not answered, including those
 * that nobody waits for any more, since that thread still has them.
 */
export class Questions {
  readonly #unanswered = new Map<QuestionId, Question>();
  #lastId = 0;

  /** Calls `send` with a number for `question`. Returns the number, or the error if it was not sent. */
  add(
    question: Question,
    send: (id: QuestionId) => Error | undefined,
  ): QuestionId | Error {
    const { size } = this.#unanswered;
    if (size >= MAX_QUESTIONS) {
      return new TooManyQuestionsError(
        `${countIs(size, "question")} not answered by it`,
      );
    }
    const id = ++this.#lastId;
    this.#unanswered.set(id, question); // before: it may be refused while it is sent
    const error = send(id);
    if (error === undefined) return id;
    this.#unanswered.delete(id);
    return error;
  }

  /** Removes and returns the question `id`: its answer has come. */
  take(id: QuestionId): Question | undefined {
    const question = this.#unanswered.get(id);
    this.#unanswered.delete(id);
    return question;
  }

  /** The thread was lost because of `error`. */
  lose(error: Error): void {
    const lost = [...this.#unanswered.values()];
    this.#unanswered.clear();
    for (const question of lost) question.lose(error);
  }
}
