import type { SocketAddress } from "../../contract/address.ts";
import type { CommandId } from "../../api/command.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import type { QuestionId } from "../asking/questions.ts";
import type { Amount } from "./amount.ts";
import { type Batch, RecordKind } from "./batch.ts";
import type { ErrorRecord } from "./error_record.ts";
import { NumberColumn } from "./number_column.ts";

/** Collects the answers to commands and questions of another thread. */
export class AnswerOutbox {
  readonly #numbers = new NumberColumn();
  #others: unknown[] = [];

  get isEmpty(): boolean {
    return this.#numbers.count === 0;
  }

  /** Takes all answers out, as a batch. */
  take(): Batch {
    const others = this.#others;
    this.#others = [];
    return [this.#numbers.take(), others];
  }

  putDone(
    id: CommandId,
    reactorId: ReactorID,
    localAddress?: SocketAddress,
  ): void {
    this.#numbers.push(3, RecordKind.Done, id, reactorId);
    this.#others.push(localAddress);
  }

  /** `value` is a copy of plain data. */
  putReturned(id: CommandId, reactorId: ReactorID, value: unknown): void {
    this.#numbers.push(3, RecordKind.Returned, id, reactorId);
    this.#others.push(value);
  }

  putFailed(id: CommandId, error: ErrorRecord): void {
    this.#numbers.push(2, RecordKind.Failed, id);
    this.#others.push(error);
  }

  /** `value` is a copy of plain data. */
  putAnswered(id: QuestionId, value: unknown): void {
    this.#numbers.push(2, RecordKind.Answered, id);
    this.#others.push(value);
  }

  putRefused(id: QuestionId, error: ErrorRecord): void {
    this.#numbers.push(2, RecordKind.Refused, id);
    this.#others.push(error);
  }

  /** Reports how much more has come in. */
  putAcknowledged({ count, bytes }: Amount): void {
    this.#numbers.push(3, RecordKind.Acknowledged, count, bytes);
  }

  /** Reports how many more messages are done. */
  putProcessed({ count, bytes }: Amount): void {
    this.#numbers.push(3, RecordKind.Processed, count, bytes);
  }
}
