import type { SocketAddress } from "../../contract/address.ts";
import type { CommandId } from "../../api/command.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import { type Batch, RecordKind } from "./batch.ts";
import type { ErrorRecord } from "./error_record.ts";
import { NumberColumn } from "./number_column.ts";

/** Collects for another thread what became of its commands. */
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

  putFailed(id: CommandId, error: ErrorRecord): void {
    this.#numbers.push(2, RecordKind.Failed, id);
    this.#others.push(error);
  }

  /** That `count` more commands have come in. */
  putAcknowledged(count: number): void {
    this.#numbers.push(2, RecordKind.Acknowledged, count);
  }
}
