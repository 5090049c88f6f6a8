import {
  answerNotSent,
  copiedParcel,
  copyOf,
  notCloneable,
} from "../link/copy.ts";
import { isError } from "../../util/text.ts";
import { movedBuffers, type Transfer } from "../link/moved_buffers.ts";
import type { Parcel } from "../link/own_bytes.ts";
import { buffersOf } from "../transfer.ts";
import type { Place } from "./questions.ts";
import { type QuestionId, Questions } from "./questions.ts";
import type {
  AnswerTaker,
  ReceivedQuestions,
  ToldTaker,
} from "./received_questions.ts";
import { TellRoom } from "./tell_room.ts";

/** Questions and messages of a thread to itself, which are copied as if by a link. */
export class OwnPlace implements Place, AnswerTaker, ToldTaker {
  readonly questions: Questions = new Questions();
  readonly room: TellRoom = new TellRoom();
  readonly #received: ReceivedQuestions;
  #loss: Error | undefined = undefined;

  constructor(received: ReceivedQuestions) {
    this.#received = received;
  }

  sendAsk(
    id: QuestionId,
    service: string,
    param: unknown,
    transfer: Transfer,
  ): Error | undefined {
    return this.#send(param, transfer, ({ value }) => {
      this.#received.onOwn(this, id, service, value);
    });
  }

  sendTell(
    service: string,
    param: unknown,
    transfer: Transfer,
  ): Error | undefined {
    return this.#send(param, transfer, ({ value, size }) => {
      this.room.take(size);
      this.#received.onOwnTell(this, service, value, size);
    });
  }

  sendWithdraw(id: QuestionId): void {
    this.#received.onWithdraw(id);
  }

  /** The thread has stopped. */
  lose(error: Error): void {
    this.#loss = error;
    this.questions.lose(error);
    this.room.lose();
    this.#received.lose();
  }

  answered(id: QuestionId, value: unknown): void {
    let copy: unknown;
    try {
      copy = copyOf(value, buffersOf(value));
    } catch (thrown) {
      return this.refused(id, answerNotSent(value, thrown));
    }
    this.questions.take(id)?.succeed(copy);
  }

  refused(id: QuestionId, error: Error): void {
    this.questions.take(id)?.fail(error);
  }

  processed(size: number): void {
    this.room.giveBack({ count: 1, bytes: size });
  }

  #send(
    param: unknown,
    transfer: Transfer,
    send: (copy: Parcel) => void,
  ): Error | undefined {
    if (this.#loss !== undefined) return this.#loss;
    const moved = movedBuffers(transfer);
    if (isError(moved)) return moved;
    let copy: Parcel;
    try {
      copy = copiedParcel(param, moved);
    } catch (thrown) {
      return notCloneable(param, thrown);
    }
    send(copy);
    return undefined;
  }
}
