import { type CommandId, INVALID_COMMAND_ID } from "../../api/command.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import type { QuestionId } from "../asking/questions.ts";
import { type Batch, RecordKind, SHAPELESS_ID } from "./batch.ts";
import { EncodedCommand, SHAPELESS } from "./encoded_command.ts";
import { NumberColumn } from "./number_column.ts";
import { ShapeTable } from "./shape_table.ts";

/** The numbers at the head of a group. */
const HEAD_SIZE = 4;

/** Commands of one shape for one reactor, under one head. */
interface Group {
  readonly kind: number;
  readonly reactorId: ReactorID;
  readonly shapeId: number;
  /** The index of the count in its head. */
  readonly countAt: number;
}

/** Collects commands and questions for another thread. What is put in is copied: it may be changed at once. */
export class CommandOutbox {
  readonly #numbers = new NumberColumn();
  #others: unknown[] = [];
  readonly #shapes = new ShapeTable();
  #count = 0;
  /** The last group, which may grow. */
  #group: Group | undefined = undefined;
  /** A reused object to read a command into; taken out while one is read, and not put back if that fails. */
  #room: EncodedCommand | undefined = undefined;

  /** How many commands and questions it holds. */
  get count(): number {
    return this.#count;
  }

  /** Takes all commands out, as a batch. */
  take(): Batch {
    const numbers = this.#numbers.take();
    const others = this.#others;
    const shapes = this.#shapes.takeNew();
    this.#others = [];
    this.#group = undefined;
    this.#count = 0;
    this.#room?.clear();
    return shapes === undefined ? [numbers, others] : [numbers, others, shapes];
  }

  /**
   * Puts in a command for a reactor; false if it is not small plain data and
   * has to go by itself. If code of the user in the command throws, so does
   * this, and nothing was put in. That code may put in other commands, which
   * come first.
   */
  putUser(id: CommandId, reactorId: ReactorID, cmd: unknown): boolean {
    const room = this.#room ?? new EncodedCommand();
    this.#room = undefined;
    if (!room.read(cmd, this.#shapes.last)) return false;
    this.#put(id, reactorId, room);
    this.#room = room;
    return true;
  }

  putClose(id: CommandId, reactorId: ReactorID, abort: boolean): void {
    this.#numbers.push(4, RecordKind.Close, id, reactorId, Number(abort));
    this.#endGroup();
  }

  putCancel(id: CommandId): void {
    this.#numbers.push(2, RecordKind.Cancel, id);
    this.#endGroup();
  }

  /** Puts in a question; `param` is a copy of plain data. */
  putAsk(id: QuestionId, service: string, param: unknown): void {
    this.#numbers.push(2, RecordKind.Ask, id);
    this.#others.push(service, param);
    this.#endGroup();
  }

  /** Puts in a message; `param` is a copy of plain data. */
  putTell(service: string, param: unknown): void {
    this.#numbers.push(1, RecordKind.Tell);
    this.#others.push(service, param);
    this.#endGroup();
  }

  putWithdraw(id: QuestionId): void {
    this.#numbers.push(2, RecordKind.Withdraw, id);
    this.#endGroup();
  }

  #endGroup(): void {
    this.#group = undefined;
    this.#count++;
  }

  /** Puts in a command that was read. */
  #put(id: CommandId, reactorId: ReactorID, command: EncodedCommand): void {
    const shapeId = this.#shapes.idOf(command.shape);
    const kind = id === INVALID_COMMAND_ID
      ? RecordKind.Commands
      : RecordKind.Awaited;
    const column = this.#numbers;
    column.makeRoom(HEAD_SIZE + 1 + command.numberCount);
    const numbers = column.values;
    let count = column.count;
    let group = this.#group;
    if (
      group === undefined || group.kind !== kind ||
      group.shapeId !== shapeId || group.reactorId !== reactorId
    ) {
      numbers[count++] = kind;
      numbers[count++] = reactorId;
      numbers[count++] = shapeId;
      numbers[count] = 0;
      const countAt = count++;
      this.#group = group = { kind, reactorId, shapeId, countAt };
    }
    if (kind === RecordKind.Awaited) numbers[count++] = id;
    if (shapeId === SHAPELESS_ID && command.shape !== SHAPELESS) {
      this.#others.push(command.toObject());
    } else {
      const { numberCount, otherCount } = command;
      for (let i = 0; i < numberCount; i++) {
        numbers[count++] = command.numbers[i];
      }
      const others = this.#others;
      for (let i = 0; i < otherCount; i++) others.push(command.others[i]);
    }
    numbers[group.countAt]++;
    column.count = count;
    this.#count++;
  }
}
