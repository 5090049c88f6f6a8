import type { SocketAddress } from "../../contract/address.ts";
import type { CommandId } from "../../api/command.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import type { TurnLoop, TurnTask } from "../../core/turn_loop.ts";
import type { QuestionId } from "../asking/questions.ts";
import type { AnswerTaker, ToldTaker } from "../asking/received_questions.ts";
import { type Amount, GrowingAmount } from "./amount.ts";
import { buffersOf } from "../transfer.ts";
import { AnswerOutbox } from "./answer_outbox.ts";
import { loneAnswer, RecordKind } from "./batch.ts";
import { answerNotSent } from "./copy.ts";
import { errorRecord } from "./error_record.ts";
import { withOwnBytes } from "./own_bytes.ts";
import { copyPlain, NOT_PLAIN, PlainCopy } from "./plain_data.ts";
import type { Outlet } from "./port.ts";
import { messageWith } from "./records_message.ts";

/** An answer whose value is not small plain data: it is sent on its own. */
interface Lone {
  /** Its kind and its numbers. */
  readonly numbers: readonly number[];
  readonly value: unknown;
  /** Answers with an error instead, since the value cannot be copied. */
  refuse(error: Error): void;
}

/**
 * The answers of this thread to the commands and questions of another one. They
 * are sent at the end of the turn, after the sockets have been flushed. So a
 * command is reported as done only after what its handler sent has been written.
 */
export class Answers implements TurnTask, AnswerTaker, ToldTaker {
  readonly #loop: TurnLoop<unknown>;
  readonly #port: Outlet;
  readonly #outbox = new AnswerOutbox();
  #lone: Lone[] = [];
  /** Messages that are done, but not yet reported to the other thread. */
  readonly #processed = new GrowingAmount();
  #isDue = false;
  #isLost = false;

  constructor(loop: TurnLoop<unknown>, port: Outlet) {
    this.#loop = loop;
    this.#port = port;
  }

  /** The command `id` was executed, by or on `reactorId`. */
  done(
    id: CommandId,
    reactorId: ReactorID,
    localAddress?: SocketAddress,
  ): void {
    if (!this.#begin()) return;
    this.#outbox.putDone(id, reactorId, localAddress);
  }

  /** The command `id` was executed by `reactorId`, whose handler returned `value`. */
  returned(id: CommandId, reactorId: ReactorID, value: unknown): void {
    if (value === undefined) return this.done(id, reactorId);
    this.#answer({
      numbers: [RecordKind.Returned, id, reactorId],
      value,
      put: (copy) => this.#outbox.putReturned(id, reactorId, copy),
      refuse: (error) => this.failed(id, error),
    });
  }

  /** The command `id` has failed. */
  failed(id: CommandId, error: Error): void {
    if (!this.#begin()) return;
    this.#outbox.putFailed(id, errorRecord(error));
  }

  answered(id: QuestionId, value: unknown): void {
    this.#answer({
      numbers: [RecordKind.Answered, id],
      value,
      put: (copy) => this.#outbox.putAnswered(id, copy),
      refuse: (error) => this.refused(id, error),
    });
  }

  refused(id: QuestionId, error: Error): void {
    if (!this.#begin()) return;
    this.#outbox.putRefused(id, errorRecord(error));
  }

  /** More has come in. */
  acknowledge(amount: Amount): void {
    if (!this.#begin()) return;
    this.#outbox.putAcknowledged(amount);
  }

  processed(size: number): void {
    const amount = this.#processed.add(1, size);
    if (amount === undefined || !this.#begin()) return;
    this.#outbox.putProcessed(amount);
  }

  /** Sends what has been collected. */
  onTurnEnd(): void {
    this.#isDue = false;
    const lone = this.#lone;
    this.#lone = [];
    for (const answer of lone) this.#postAlone(answer);
    if (this.#isLost || this.#outbox.isEmpty) return;
    this.#port.postMessage(messageWith(this.#outbox.take()));
  }

  /** The other thread is gone. */
  lose(): void {
    this.#isLost = true;
    this.#outbox.take();
    this.#lone = [];
  }

  /** Schedules a flush for what is about to be put in; false if the other thread is gone. */
  #begin(): boolean {
    if (this.#isLost) return false;
    if (!this.#isDue) {
      this.#isDue = true;
      this.#loop.lastAtTurnEnd(this);
    }
    return true;
  }

  /** Copying may run the user's code, so nothing changes until it is done. */
  #answer(answer: Lone & { put(copy: unknown): void }): void {
    try {
      const isMoved = buffersOf(answer.value).length > 0;
      const copy = isMoved
        ? NOT_PLAIN
        : copyPlain(answer.value, new PlainCopy());
      if (!this.#begin()) return;
      if (copy === NOT_PLAIN) this.#lone.push(answer);
      else answer.put(copy);
    } catch (thrown) {
      answer.refuse(answerNotSent(answer.value, thrown));
    }
  }

  #postAlone({ numbers, value, refuse }: Lone): void {
    try {
      const moved = buffersOf(value);
      const records = loneAnswer(numbers, withOwnBytes(value, moved));
      this.#port.postMessage(messageWith(records), moved);
    } catch (thrown) {
      refuse(answerNotSent(value, thrown));
    }
  }
}
