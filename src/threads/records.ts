import type { Address } from "../adapters/adapter.ts";
import type { AddressLike } from "../address.ts";
import type { CommandId } from "../cmd_sender.ts";
import type { ReactorID } from "../reactor_id.ts";
import type { ErrorRecord } from "./error_record.ts";
import { copyPlain, copyPlainPart, isRecord, NOT_PLAIN } from "./plain_data.ts";

/**
 * What one thread tells another, in batches: an array of the shapes that are new
 * (see {@linkcode Outbox}), then record after record, each a kind and its fields.
 * To clone one flat array costs a fraction of cloning an object per command.
 */
export type Batch = unknown[];

/** The fields that follow a kind stand behind it. */
const Kind = {
  User: 0, // id, reactor, command
  Shaped: 1, // id, reactor, shape, its values
  Connect: 2, // id, address, factory, parameter, options
  Listen: 3, // id, address, factory, parameter, options
  Close: 4, // id, reactor, abort
  Cancel: 5, // id
  Done: 6, // id, reactor, local address
  Failed: 7, // id, error
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

/** The keys of an object, in order: sent once, and then only the values. */
interface Shape {
  readonly id: number;
  readonly keys: readonly string[];
}

/** So that commands with ever new keys, used as maps, do not fill the memory. */
const MAX_SHAPES = 256;
const MAX_KEYS = 32;

const NO_SHAPE: Shape = { id: -1, keys: [] };

/** Collects records for another thread. What is put in is copied: it may be changed at once. */
export class Outbox {
  #batch: Batch = [undefined];
  #count = 0;
  readonly #shapes = new Map<string, Shape>();
  #lastShape = NO_SHAPE;

  /** How many records are in it. */
  get count(): number {
    return this.#count;
  }

  /** Takes all records out, as a batch. */
  take(): Batch {
    const batch = this.#batch;
    this.#batch = [undefined];
    this.#count = 0;
    return batch;
  }

  /** Puts a command for a reactor in; false if it is not small plain data and has to go by itself. */
  putUser(id: CommandId, reactorId: ReactorID, cmd: unknown): boolean {
    if (
      typeof cmd === "object" && cmd !== null && isRecord(cmd) &&
      this.#putShaped(id, reactorId, cmd)
    ) return true;
    const copy = copyPlain(cmd);
    if (copy === NOT_PLAIN) return false;
    this.#put(Kind.User, id, reactorId, copy);
    return true;
  }

  putClose(id: CommandId, reactorId: ReactorID, abort: boolean): void {
    this.#put(Kind.Close, id, reactorId, abort);
  }

  putCancel(id: CommandId): void {
    this.#put(Kind.Cancel, id);
  }

  putDone(id: CommandId, reactorId: ReactorID, localAddress?: Address): void {
    this.#put(Kind.Done, id, reactorId, localAddress);
  }

  putFailed(id: CommandId, error: ErrorRecord): void {
    this.#put(Kind.Failed, id, error);
  }

  putTaken(count: number): void {
    this.#put(Kind.Taken, count);
  }

  #put(...record: unknown[]): void {
    this.#batch.push(...record);
    this.#count++;
  }

  /** Puts an object in by its shape, most often that of the last one; false if that cannot be. */
  #putShaped(
    id: CommandId,
    reactorId: ReactorID,
    cmd: Record<string, unknown>,
  ): boolean {
    if (this.#putAs(this.#lastShape, id, reactorId, cmd)) return true;
    const shape = this.#shapeOf(cmd);
    if (shape === undefined) return false;
    this.#lastShape = shape;
    return this.#putAs(shape, id, reactorId, cmd);
  }

  #putAs(
    shape: Shape,
    id: CommandId,
    reactorId: ReactorID,
    cmd: Record<string, unknown>,
  ): boolean {
    const batch = this.#batch;
    const { keys } = shape;
    const start = batch.length;
    batch.push(Kind.Shaped, id, reactorId, shape.id);
    let index = 0;
    let copyOf = copyPlain;
    for (const key in cmd) {
      let value = keys[index++] === key ? cmd[key] : NOT_PLAIN;
      if (typeof value !== "number") {
        value = copyOf(value);
        copyOf = copyPlainPart;
      }
      if (value === NOT_PLAIN) {
        batch.length = start;
        return false;
      }
      batch.push(value);
    }
    if (index !== keys.length || shape === NO_SHAPE) {
      batch.length = start;
      return false;
    }
    this.#count++;
    return true;
  }

  #shapeOf(cmd: object): Shape | undefined {
    const keys = Object.keys(cmd);
    if (keys.length > MAX_KEYS || keys.includes("__proto__")) return undefined;
    const name = JSON.stringify(keys);
    const known = this.#shapes.get(name);
    if (known !== undefined || this.#shapes.size === MAX_SHAPES) return known;
    const shape = { id: this.#shapes.size, keys };
    this.#shapes.set(name, shape);
    ((this.#batch[0] ??= []) as unknown[]).push(keys);
    return shape;
  }
}

/** A command for a reactor that has to go by itself, as a batch. */
export function userBatch(
  id: CommandId,
  reactorId: ReactorID,
  cmd: unknown,
): Batch {
  return [undefined, Kind.User, id, reactorId, cmd];
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
  return [undefined, kind, id, address, factory, param, options];
}

/** Reads the batches of one {@linkcode Outbox}, in order. */
export class Inbox {
  readonly #shapes: (readonly string[])[] = [];

  /** Tells `receiver` every record of `batch`. */
  read(batch: Batch, receiver: RecordReceiver): void {
    if (batch[0] !== undefined) this.#shapes.push(...batch[0] as string[][]);
    for (let at = 1; at < batch.length;) {
      const kind = batch[at];
      const id = batch[at + 1] as CommandId;
      const reactorId = batch[at + 2] as ReactorID;
      switch (kind) {
        case Kind.User:
          receiver.onUser(id, reactorId, batch[at + 3]);
          at += 4;
          break;
        case Kind.Shaped: {
          const keys = this.#shapes[batch[at + 3] as number];
          at += 4;
          const cmd: Record<string, unknown> = {};
          for (let i = 0; i < keys.length; i++) cmd[keys[i]] = batch[at++];
          receiver.onUser(id, reactorId, cmd);
          break;
        }
        case Kind.Connect:
          receiver.onConnect(openRecord(batch, at));
          at += 6;
          break;
        case Kind.Listen:
          receiver.onListen(openRecord(batch, at));
          at += 6;
          break;
        case Kind.Close:
          receiver.onClose(id, reactorId, batch[at + 3] as boolean);
          at += 4;
          break;
        case Kind.Cancel:
          receiver.onCancel(id);
          at += 2;
          break;
        case Kind.Done:
          receiver.onDone(id, reactorId, batch[at + 3] as Address | undefined);
          at += 4;
          break;
        case Kind.Failed:
          receiver.onFailed(id, batch[at + 2] as ErrorRecord);
          at += 3;
          break;
        default: // Kind.Taken
          receiver.onTaken(batch[at + 1] as number);
          at += 2;
      }
    }
  }
}

function openRecord(batch: Batch, at: number): OpenRecord {
  return {
    id: batch[at + 1] as CommandId,
    address: batch[at + 2] as AddressLike,
    factory: batch[at + 3] as string,
    param: batch[at + 4],
    options: batch[at + 5] as object,
  };
}
