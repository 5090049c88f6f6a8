import { type CommandId, INVALID_COMMAND_ID } from "../../api/command.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import type { QuestionId } from "../asking/questions.ts";
import { type Batch, RecordKind, SHAPELESS_ID } from "./batch.ts";
import { EncodedCommand, SHAPELESS } from "./encoded_command.ts";
import { NumberColumn } from "./number_column.ts";
import { ShapeTable } from "./shape_table.ts";

/** The numbers at the head of a group. */
const HEAD_SIZE = 4;

/** Commands for one reactor, or messages to one service, of the same shape: they share a head. */
interface Group {
  readonly kind: number;
  readonly target: ReactorID | string;
  readonly shapeId: number;
  /** The index of the count in its head. */
  readonly countAt: number;
}

/** Collects commands, questions and messages for another thread. What is put in is copied: it may be changed at once. */
export class CommandOutbox {
  readonly #numbers = new NumberColumn();
  #others: unknown[] = [];
  readonly #shapes = new ShapeTable();
  #count = 0;
  #size = 0;
  /** The last group, which may grow. */
  #group: Group | undefined = undefined;
  /** Reused for reading commands. Undefined while one is being read, and after a read has failed. */
  #room: EncodedCommand | undefined = undefined;

  /** How many commands, questions and messages it holds. */
  get count(): number {
    return this.#count;
  }

  /** Roughly how many bytes they take. */
  get size(): number {
    return this.#size;
  }

  /** Takes everything out, as a batch. */
  take(): Batch {
    const numbers = this.#numbers.take();
    const others = this.#others;
    const shapes = this.#shapes.takeNew();
    const size = this.#size;
    this.#others = [];
    this.#group = undefined;
    this.#count = 0;
    this.#size = 0;
    this.#room?.clear();
    return [numbers, others, shapes, size];
  }

  /**
   * Puts in a command for a reactor; false if it is not small plain data and
   * has to be sent on its own. If the user's code in the command throws, so does
   * this, and nothing has been put in. That code may put in other commands, which
   * come first.
   */
  putUser(id: CommandId, reactorId: ReactorID, cmd: unknown): boolean {
    const kind = id === INVALID_COMMAND_ID
      ? RecordKind.Commands
      : RecordKind.Awaited;
    return this.#putRead(kind, reactorId, id, cmd) !== undefined;
  }

  /** Puts in a message in the same way. Returns its size, or undefined if it has to be sent on its own. */
  putTell(service: string, param: unknown): number | undefined {
    return this.#putRead(RecordKind.Tell, service, undefined, param);
  }

  putClose(id: CommandId, reactorId: ReactorID, abort: boolean): void {
    this.#numbers.push(4, RecordKind.Close, id, reactorId, Number(abort));
    this.#endGroup();
  }

  putCancel(id: CommandId): void {
    this.#numbers.push(2, RecordKind.Cancel, id);
    this.#endGroup();
  }

  /** Puts in a question; `param` is a copy of plain data, of `size` bytes. */
  putAsk(
    id: QuestionId,
    service: string,
    param: unknown,
    size: number,
  ): void {
    this.#numbers.push(2, RecordKind.Ask, id);
    this.#others.push(service, param);
    this.#size += size;
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

  /** Reads `value` and puts it in; for a message, `id` is undefined. Returns its size, or undefined if it has to be sent on its own. */
  #putRead(
    kind: number,
    target: ReactorID | string,
    id: CommandId | undefined,
    value: unknown,
  ): number | undefined {
    const room = this.#room ?? new EncodedCommand();
    this.#room = undefined;
    if (!room.read(value, this.#shapes.last)) return undefined;
    const { size } = room;
    this.#put(kind, target, id ?? size, room);
    this.#size += size;
    this.#room = room;
    return size;
  }

  /** Puts in what was read, with `tag` as its first number, unless nobody awaits it. */
  #put(
    kind: number,
    target: ReactorID | string,
    tag: number,
    command: EncodedCommand,
  ): void {
    const shapeId = this.#shapes.idOf(command.shape);
    const column = this.#numbers;
    column.makeRoom(HEAD_SIZE + 1 + command.numberCount);
    const numbers = column.values;
    let count = column.count;
    let group = this.#group;
    if (
      group === undefined || group.kind !== kind ||
      group.shapeId !== shapeId || group.target !== target
    ) {
      const isReactor = typeof target === "number";
      if (!isReactor) this.#others.push(target);
      numbers[count++] = kind;
      numbers[count++] = isReactor ? target : 0;
      numbers[count++] = shapeId;
      numbers[count] = 0;
      const countAt = count++;
      this.#group = group = { kind, target, shapeId, countAt };
    }
    if (kind !== RecordKind.Commands) numbers[count++] = tag;
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
