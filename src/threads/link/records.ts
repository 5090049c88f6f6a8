import type { Address } from "../../adapters/adapter.ts";
import type { AddressLike } from "../../api/address.ts";
import { type CommandId, INVALID_COMMAND_ID } from "../../api/command.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import type { ErrorRecord } from "./error_record.ts";
import {
  EncodedCommand,
  NO_KEYS,
  NUMBER,
  type Shape,
  SHAPELESS,
} from "./encoded_command.ts";

/**
 * What one thread tells another: record after record, each a kind and its
 * fields. Numbers stand in a column of their own, which is cloned as one block of
 * memory when there are many; everything else in another column. Shapes that are
 * new (see {@linkcode Outbox}) come along. To clone that costs a fraction of
 * cloning an object per command.
 */
export type Batch = readonly [
  numbers: ArrayLike<number>,
  others: readonly unknown[],
  shapes?: readonly Shape[],
];

/** A command for a reactor that goes by itself. */
export type LoneCommand = readonly [
  id: CommandId,
  reactorId: ReactorID,
  cmd: unknown,
];

/** The numbers that follow a kind, then what stands in the other column. */
const Kind = {
  Commands: 0, // reactor, shape, how many; of each its numbers; its other values
  Awaited: 1, // the same, but of each its id, its numbers; its other values
  Connect: 2, // id; address, factory, parameter, options
  Listen: 3, // id; address, factory, parameter, options
  Close: 4, // id, reactor, abort
  Cancel: 5, // id
  Done: 6, // id, reactor; local address
  Failed: 7, // id; error
  Taken: 8, // how many commands
} as const;

/** A connect or listen for another thread. */
export interface OpenRecord {
  readonly id: CommandId;
  readonly address: AddressLike;
  /** The name of the factory. */
  readonly factory: string;
  readonly param: unknown;
  readonly options: object;
}

/** Takes what a batch says. */
export interface RecordReceiver {
  onUser(id: CommandId, reactorId: ReactorID, cmd: unknown): void;
  onConnect(record: OpenRecord): void;
  onListen(record: OpenRecord): void;
  onClose(id: CommandId, reactorId: ReactorID, abort: boolean): void;
  onCancel(id: CommandId): void;
  onDone(id: CommandId, reactorId: ReactorID, localAddress?: Address): void;
  onFailed(id: CommandId, error: ErrorRecord): void;
  onTaken(count: number): void;
}

/** So that commands with ever new keys, used as maps, do not fill the memory. */
const MAX_SHAPES = 256;
const MAX_KEYS = 32;

/** A block of memory costs more than this many numbers one by one. */
const FEW_NUMBERS = 64;

/** Numbers there is room for at first. */
const FIRST_NUMBERS = 256;

/** The numbers at the head of a run. */
const HEAD_SIZE = 4;

/** In place of the number of a shape: the command is a number. */
const NUMBER_ID = -2;

/** In place of the number of a shape: the command is one other value. */
const SHAPELESS_ID = -1;

/** Commands of one shape for one reactor, under one head. */
interface Run {
  readonly kind: number;
  readonly reactorId: ReactorID;
  readonly shape: number;
  /** Where its head counts them. */
  readonly countAt: number;
}

/** Collects records for another thread. What is put in is copied: it may be changed at once. */
export class Outbox {
  #numbers = new Float64Array(FIRST_NUMBERS);
  #numberCount = 0;
  #others: unknown[] = [];
  #newShapes: Shape[] | undefined = undefined;
  #count = 0;
  /** The run at the end, which may go on. */
  #run: Run | undefined = undefined;
  readonly #shapeIds = new Map<string, number>();
  #lastShape = NO_KEYS;
  #lastShapeId = SHAPELESS_ID;
  /** The room for a command that is read; taken out while one is, and not put back if it cannot be sent so. */
  #room: EncodedCommand | undefined = undefined;

  /** How many records are in it. */
  get count(): number {
    return this.#count;
  }

  /** Takes all records out, as a batch. */
  take(): Batch {
    const numbers = this.#takeNumbers();
    const batch: Batch = this.#newShapes === undefined
      ? [numbers, this.#others]
      : [numbers, this.#others, this.#newShapes];
    this.#others = [];
    this.#newShapes = undefined;
    this.#run = undefined;
    this.#count = 0;
    this.#room?.clear();
    return batch;
  }

  /**
   * Puts a command for a reactor in; false if it is not small plain data and has
   * to go by itself. Throws what the user's code in it throws, and then nothing
   * was put in; that code may put other commands in, which come before.
   */
  putUser(id: CommandId, reactorId: ReactorID, cmd: unknown): boolean {
    const room = this.#room ?? new EncodedCommand();
    this.#room = undefined;
    if (!room.read(cmd, this.#lastShape)) return false;
    this.#put(id, reactorId, room);
    this.#room = room;
    return true;
  }

  putClose(id: CommandId, reactorId: ReactorID, abort: boolean): void {
    this.#push(4, Kind.Close, id, reactorId, Number(abort));
    this.#endRun();
  }

  putCancel(id: CommandId): void {
    this.#push(2, Kind.Cancel, id);
    this.#endRun();
  }

  putDone(id: CommandId, reactorId: ReactorID, localAddress?: Address): void {
    this.#push(3, Kind.Done, id, reactorId);
    this.#others.push(localAddress);
    this.#endRun();
  }

  putFailed(id: CommandId, error: ErrorRecord): void {
    this.#push(2, Kind.Failed, id);
    this.#others.push(error);
    this.#endRun();
  }

  putTaken(count: number): void {
    this.#push(2, Kind.Taken, count);
    this.#endRun();
  }

  #endRun(): void {
    this.#run = undefined;
    this.#count++;
  }

  /** Puts in what was read. */
  #put(id: CommandId, reactorId: ReactorID, command: EncodedCommand): void {
    const shapeId = this.#idOf(command.shape);
    const kind = id === INVALID_COMMAND_ID ? Kind.Commands : Kind.Awaited;
    this.#makeRoom(HEAD_SIZE + 1 + command.numberCount);
    const numbers = this.#numbers;
    let count = this.#numberCount;
    let run = this.#run;
    if (
      run === undefined || run.kind !== kind || run.shape !== shapeId ||
      run.reactorId !== reactorId
    ) {
      numbers[count++] = kind;
      numbers[count++] = reactorId;
      numbers[count++] = shapeId;
      numbers[count] = 0;
      const countAt = count++;
      this.#run = run = { kind, reactorId, shape: shapeId, countAt: countAt };
    }
    if (kind === Kind.Awaited) numbers[count++] = id;
    if (shapeId === SHAPELESS_ID && command.shape !== SHAPELESS) {
      this.#others.push(command.toObject());
    } else {
      const { numberCount: countNumbers, otherCount: countOthers } = command;
      for (let i = 0; i < countNumbers; i++) {
        numbers[count++] = command.numbers[i];
      }
      const others = this.#others;
      for (let i = 0; i < countOthers; i++) others.push(command.others[i]);
    }
    numbers[run.countAt]++;
    this.#numberCount = count;
    this.#count++;
  }

  /** Puts in the first `size` of these numbers. */
  #push(
    size: number,
    kind: number,
    first: number,
    second = 0,
    third = 0,
  ): void {
    this.#makeRoom(4);
    const numbers = this.#numbers;
    const at = this.#numberCount;
    numbers[at] = kind;
    numbers[at + 1] = first;
    numbers[at + 2] = second;
    numbers[at + 3] = third;
    this.#numberCount += size;
  }

  #takeNumbers(): ArrayLike<number> {
    const count = this.#numberCount;
    this.#numberCount = 0;
    if (count > FEW_NUMBERS) return this.#numbers.slice(0, count);
    const few: number[] = [];
    for (let i = 0; i < count; i++) few.push(this.#numbers[i]);
    return few;
  }

  #makeRoom(countMore: number): void {
    const needed = this.#numberCount + countMore;
    if (needed <= this.#numbers.length) return;
    const larger = new Float64Array(2 * needed);
    larger.set(this.#numbers);
    this.#numbers = larger;
  }

  /** The number of `shape`, most often that of the last one; a new one is remembered if there is room. */
  #idOf(shape: Shape): number {
    if (shape === NUMBER) return NUMBER_ID;
    if (shape === SHAPELESS) return SHAPELESS_ID;
    if (shape === this.#lastShape && this.#lastShapeId !== SHAPELESS_ID) {
      return this.#lastShapeId;
    }
    if (shape.keys.length > MAX_KEYS) return SHAPELESS_ID;
    const name = JSON.stringify([shape.keys, shape.areNumbers]);
    let id = this.#shapeIds.get(name);
    if (id === undefined) {
      id = this.#shapeIds.size;
      if (id === MAX_SHAPES) return SHAPELESS_ID;
      this.#shapeIds.set(name, id);
      (this.#newShapes ??= []).push(shape);
    }
    this.#lastShape = shape;
    this.#lastShapeId = id;
    return id;
  }
}

/** A connect, as a batch. */
export function connectBatch(record: OpenRecord): Batch {
  return openBatch(Kind.Connect, record);
}

/** A listen, as a batch. */
export function listenBatch(record: OpenRecord): Batch {
  return openBatch(Kind.Listen, record);
}

function openBatch(
  kind: number,
  { id, address, factory, param, options }: OpenRecord,
): Batch {
  return [[kind, id], [address, factory, param, options]];
}

/** Reads the batches of one {@linkcode Outbox}, in order. */
export class Inbox {
  readonly #shapes: Shape[] = [];

  /** Tells `receiver` what `message` says. */
  read(message: Batch | LoneCommand, receiver: RecordReceiver): void {
    if (isLone(message)) receiver.onUser(message[0], message[1], message[2]);
    else this.#readBatch(message, receiver);
  }

  #readBatch(
    [numbers, others, shapes]: Batch,
    receiver: RecordReceiver,
  ): void {
    if (shapes !== undefined) this.#shapes.push(...shapes);
    let other = 0;
    for (let at = 0; at < numbers.length;) {
      const kind = numbers[at];
      if (kind <= Kind.Awaited) {
        const isAwaited = kind === Kind.Awaited;
        const target = numbers[at + 1] as ReactorID;
        const shape = numbers[at + 2];
        const { keys, areNumbers } = this.#shapes[shape] ?? SHAPELESS;
        let count = numbers[at + 3];
        at += 4;
        for (; count > 0; count--) {
          const id = isAwaited
            ? numbers[at++] as CommandId
            : INVALID_COMMAND_ID;
          if (shape === NUMBER_ID) {
            receiver.onUser(id, target, numbers[at++]);
          } else if (shape === SHAPELESS_ID) {
            receiver.onUser(id, target, others[other++]);
          } else {
            const cmd: Record<string, unknown> = {};
            for (let i = 0; i < keys.length; i++) {
              cmd[keys[i]] = areNumbers[i] ? numbers[at++] : others[other++];
            }
            receiver.onUser(id, target, cmd);
          }
        }
        continue;
      }
      const id = numbers[at + 1] as CommandId;
      const reactorId = numbers[at + 2] as ReactorID;
      switch (kind) {
        case Kind.Connect:
          receiver.onConnect(openRecord(id, others, other));
          at += 2;
          other += 4;
          break;
        case Kind.Listen:
          receiver.onListen(openRecord(id, others, other));
          at += 2;
          other += 4;
          break;
        case Kind.Close:
          receiver.onClose(id, reactorId, numbers[at + 3] === 1);
          at += 4;
          break;
        case Kind.Cancel:
          receiver.onCancel(id);
          at += 2;
          break;
        case Kind.Done:
          receiver.onDone(
            id,
            reactorId,
            others[other++] as Address | undefined,
          );
          at += 3;
          break;
        case Kind.Failed:
          receiver.onFailed(id, others[other++] as ErrorRecord);
          at += 2;
          break;
        default: // Kind.Taken
          receiver.onTaken(numbers[at + 1]);
          at += 2;
      }
    }
  }
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

function isLone(message: Batch | LoneCommand): message is LoneCommand {
  return typeof message[0] === "number";
}
