import type { Address } from "../adapters/adapter.ts";
import type { AddressLike } from "../address.ts";
import { type CommandId, INVALID_COMMAND_ID } from "../cmd_sender.ts";
import type { ReactorID } from "../reactor_id.ts";
import type { ErrorRecord } from "./error_record.ts";
import {
  copyPlain,
  copyPlainPart,
  isRecord,
  isShortString,
  NOT_PLAIN,
} from "./plain_data.ts";

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

/** The keys of an object, in order, and which of them have numbers: sent once, and then only the values. */
interface Shape {
  readonly keys: readonly string[];
  readonly areNumbers: readonly boolean[];
}

/** So that commands with ever new keys, used as maps, do not fill the memory. */
const MAX_SHAPES = 256;
const MAX_KEYS = 32;

/** A block of memory costs more than this many numbers one by one. */
const FEW_NUMBERS = 64;

/** In place of a shape: commands that are numbers, and commands that have none. */
const NUMBER = -2;
const NO_SHAPE = -1;

const SHAPELESS: Shape = { keys: [], areNumbers: [] };

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
  #numbers: number[] = [];
  #others: unknown[] = [];
  #newShapes: Shape[] | undefined = undefined;
  #count = 0;
  /** The run at the end, which may go on. */
  #run: Run | undefined = undefined;
  readonly #shapes: Shape[] = [];
  readonly #shapeIds = new Map<string, number>();
  #lastShape = NO_SHAPE;

  /** How many records are in it. */
  get count(): number {
    return this.#count;
  }

  /** Takes all records out, as a batch. */
  take(): Batch {
    const numbers = this.#numbers.length > FEW_NUMBERS
      ? new Float64Array(this.#numbers)
      : this.#numbers;
    const batch: Batch = this.#newShapes === undefined
      ? [numbers, this.#others]
      : [numbers, this.#others, this.#newShapes];
    this.#numbers = [];
    this.#others = [];
    this.#newShapes = undefined;
    this.#run = undefined;
    this.#count = 0;
    return batch;
  }

  /** Puts a command for a reactor in; false if it is not small plain data and has to go by itself. */
  putUser(id: CommandId, reactorId: ReactorID, cmd: unknown): boolean {
    if (
      typeof cmd === "object" && cmd !== null && isRecord(cmd) &&
      this.#putShaped(id, reactorId, cmd)
    ) return true;
    if (typeof cmd === "number") {
      this.#begin(id, reactorId, NUMBER);
      this.#numbers.push(cmd);
    } else {
      const copy = copyPlain(cmd);
      if (copy === NOT_PLAIN) return false;
      this.#begin(id, reactorId, NO_SHAPE);
      this.#others.push(copy);
    }
    this.#end();
    return true;
  }

  putClose(id: CommandId, reactorId: ReactorID, abort: boolean): void {
    this.#numbers.push(Kind.Close, id, reactorId, Number(abort));
    this.#endRun();
  }

  putCancel(id: CommandId): void {
    this.#numbers.push(Kind.Cancel, id);
    this.#endRun();
  }

  putDone(id: CommandId, reactorId: ReactorID, localAddress?: Address): void {
    this.#numbers.push(Kind.Done, id, reactorId);
    this.#others.push(localAddress);
    this.#endRun();
  }

  putFailed(id: CommandId, error: ErrorRecord): void {
    this.#numbers.push(Kind.Failed, id);
    this.#others.push(error);
    this.#endRun();
  }

  putTaken(count: number): void {
    this.#numbers.push(Kind.Taken, count);
    this.#endRun();
  }

  #endRun(): void {
    this.#run = undefined;
    this.#count++;
  }

  /** Begins a command, in the run at the end if it fits there. */
  #begin(id: CommandId, reactorId: ReactorID, shape: number): void {
    const kind = id === INVALID_COMMAND_ID ? Kind.Commands : Kind.Awaited;
    const run = this.#run;
    if (
      run === undefined || run.kind !== kind || run.shape !== shape ||
      run.reactorId !== reactorId
    ) {
      const countAt = this.#numbers.push(kind, reactorId, shape, 0) - 1;
      this.#run = { kind, reactorId, shape, countAt };
    }
    if (kind === Kind.Awaited) this.#numbers.push(id);
  }

  /** The command that was begun is complete. */
  #end(): void {
    this.#numbers[(this.#run as Run).countAt]++;
    this.#count++;
  }

  /** Puts an object in by its shape, most often that of the last one; false if that cannot be. */
  #putShaped(
    id: CommandId,
    reactorId: ReactorID,
    cmd: Record<string, unknown>,
  ): boolean {
    if (this.#putAs(this.#lastShape, id, reactorId, cmd)) return true;
    this.#lastShape = this.#shapeOf(cmd);
    return this.#putAs(this.#lastShape, id, reactorId, cmd);
  }

  #putAs(
    shapeId: number,
    id: CommandId,
    reactorId: ReactorID,
    cmd: Record<string, unknown>,
  ): boolean {
    if (shapeId === NO_SHAPE) return false;
    const { keys, areNumbers } = this.#shapes[shapeId];
    const numbers = this.#numbers;
    const others = this.#others;
    const startOfOthers = others.length;
    this.#begin(id, reactorId, shapeId);
    const startOfNumbers = numbers.length;
    let index = 0;
    let fits = true;
    let copyOf = copyPlain;
    for (const key in cmd) {
      const value = cmd[key];
      const isNumber = typeof value === "number";
      fits = keys[index] === key && areNumbers[index] === isNumber;
      if (!fits) break;
      index++;
      if (isNumber) {
        numbers.push(value);
      } else if (isShortString(value)) {
        others.push(value);
      } else {
        const copy = copyOf(value);
        fits = copy !== NOT_PLAIN;
        if (!fits) break;
        copyOf = copyPlainPart;
        others.push(copy);
      }
    }
    if (fits && index === keys.length) {
      this.#end();
      return true;
    }
    numbers.length = id === INVALID_COMMAND_ID
      ? startOfNumbers
      : startOfNumbers - 1;
    others.length = startOfOthers;
    return false;
  }

  #shapeOf(cmd: Record<string, unknown>): number {
    const keys = Object.keys(cmd);
    if (keys.length > MAX_KEYS || keys.includes("__proto__")) return NO_SHAPE;
    const areNumbers = keys.map((key) => typeof cmd[key] === "number");
    const name = JSON.stringify([keys, areNumbers]);
    const known = this.#shapeIds.get(name);
    if (known !== undefined) return known;
    const id = this.#shapes.length;
    if (id === MAX_SHAPES) return NO_SHAPE;
    const shape = { keys, areNumbers };
    this.#shapes.push(shape);
    this.#shapeIds.set(name, id);
    (this.#newShapes ??= []).push(shape);
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
          if (shape === NUMBER) {
            receiver.onUser(id, target, numbers[at++]);
          } else if (shape === NO_SHAPE) {
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
