import type { SocketAddress } from "../../contract/address.ts";
import type { AddressLike } from "../../api/address.ts";
import { type CommandId, INVALID_COMMAND_ID } from "../../api/command.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import type { QuestionId } from "../asking/questions.ts";
import type { Amount } from "./amount.ts";
import {
  type Batch,
  isLone,
  type LoneCommand,
  NUMBER_ID,
  type OpenRecord,
  RecordKind,
  SHAPELESS_ID,
} from "./batch.ts";
import { type Shape, SHAPELESS } from "./encoded_command.ts";
import type { ErrorRecord } from "./error_record.ts";

/** Receives the records of a batch. */
export interface RecordReceiver {
  onUser(id: CommandId, reactorId: ReactorID, cmd: unknown): void;
  onConnect(record: OpenRecord): void;
  onListen(record: OpenRecord): void;
  onClose(id: CommandId, reactorId: ReactorID, abort: boolean): void;
  onCancel(id: CommandId): void;
  onAsk(id: QuestionId, service: string, param: unknown): void;
  onWithdraw(id: QuestionId): void;
  /** `size` is roughly how many bytes it takes. */
  onTell(service: string, param: unknown, size: number): void;
  /** The other thread is done with this many more messages. */
  onProcessed(amount: Amount): void;
  onDone(
    id: CommandId,
    reactorId: ReactorID,
    localAddress?: SocketAddress,
  ): void;
  /** A command was executed, and its handler has returned a value. */
  onReturned(id: CommandId, reactorId: ReactorID, value: unknown): void;
  onFailed(id: CommandId, error: ErrorRecord): void;
  onAnswered(id: QuestionId, value: unknown): void;
  onRefused(id: QuestionId, error: ErrorRecord): void;
  onAcknowledged(amount: Amount): void;
}

/** Reads the batches that another thread sends, in order. */
export class Inbox {
  readonly #shapes: Shape[] = [];

  /** Passes the records of `message` to `receiver`. */
  read(message: Batch | LoneCommand, receiver: RecordReceiver): void {
    if (isLone(message)) receiver.onUser(message[0], message[1], message[2]);
    else this.#readBatch(message, receiver);
  }

  #readBatch(
    message: Batch,
    receiver: RecordReceiver,
  ): void {
    const [numbers, others, shapes] = message;
    if (shapes !== undefined) this.#shapes.push(...shapes);
    let other = 0;
    for (let at = 0; at < numbers.length;) {
      const kind = numbers[at];
      if (kind <= RecordKind.Tell) {
        const service = kind === RecordKind.Tell ? others[other++] : undefined;
        const target = numbers[at + 1] as ReactorID;
        const shape = numbers[at + 2];
        const { keys, areNumbers } = this.#shapes[shape] ?? SHAPELESS;
        let count = numbers[at + 3];
        at += 4;
        for (; count > 0; count--) {
          const tag = kind === RecordKind.Commands
            ? INVALID_COMMAND_ID
            : numbers[at++];
          let value: unknown;
          if (shape === NUMBER_ID) value = numbers[at++];
          else if (shape === SHAPELESS_ID) value = others[other++];
          else {
            const record: Record<string, unknown> = {};
            for (let i = 0; i < keys.length; i++) {
              record[keys[i]] = areNumbers[i] ? numbers[at++] : others[other++];
            }
            value = record;
          }
          if (kind !== RecordKind.Tell) {
            receiver.onUser(tag as CommandId, target, value);
          } else receiver.onTell(service as string, value, tag);
        }
        continue;
      }
      const id = numbers[at + 1] as CommandId;
      const reactorId = numbers[at + 2] as ReactorID;
      switch (kind) {
        case RecordKind.Connect:
        case RecordKind.Listen: {
          const record = openRecord(id, others, other);
          at += 2;
          other += 4;
          if (kind === RecordKind.Connect) receiver.onConnect(record);
          else receiver.onListen(record);
          break;
        }
        case RecordKind.Close:
          receiver.onClose(id, reactorId, numbers[at + 3] === 1);
          at += 4;
          break;
        case RecordKind.Cancel:
          receiver.onCancel(id);
          at += 2;
          break;
        case RecordKind.Done:
          receiver.onDone(
            id,
            reactorId,
            others[other++] as SocketAddress | undefined,
          );
          at += 3;
          break;
        case RecordKind.Failed:
          receiver.onFailed(id, others[other++] as ErrorRecord);
          at += 2;
          break;
        case RecordKind.Acknowledged:
          receiver.onAcknowledged(amountAt(numbers, at + 1));
          at += 3;
          break;
        case RecordKind.Ask:
          receiver.onAsk(id, others[other] as string, others[other + 1]);
          at += 2;
          other += 2;
          break;
        case RecordKind.Withdraw:
          receiver.onWithdraw(id);
          at += 2;
          break;
        case RecordKind.Processed:
          receiver.onProcessed(amountAt(numbers, at + 1));
          at += 3;
          break;
        case RecordKind.Returned:
          receiver.onReturned(id, reactorId, others[other++]);
          at += 3;
          break;
        case RecordKind.Answered:
          receiver.onAnswered(id, others[other++]);
          at += 2;
          break;
        default: // RecordKind.Refused
          receiver.onRefused(id, others[other++] as ErrorRecord);
          at += 2;
      }
    }
  }
}

function amountAt(numbers: ArrayLike<number>, at: number): Amount {
  return { count: numbers[at], bytes: numbers[at + 1] };
}

function openRecord(
  id: CommandId,
  others: readonly unknown[],
  at: number,
): OpenRecord {
  return {
    id,
    address: others[at] as AddressLike,
    factory: others[at + 1] as string,
    param: others[at + 2],
    options: others[at + 3] as object,
  };
}
