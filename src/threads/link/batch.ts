import type { AddressLike } from "../../api/address.ts";
import type { CommandId } from "../../api/command.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import type { QuestionId } from "../asking/questions.ts";
import type { Shape } from "./encoded_command.ts";
import type { Parcel } from "./own_bytes.ts";

/**
 * What one thread sends to another: record after record, each a kind and its
 * fields. The numbers are in one column, which is cloned as a single block of
 * memory if there are many; everything else is in another. New shapes come
 * along, and so does the size in bytes of all commands, questions and messages.
 * Cloning this costs a fraction of cloning an object per command.
 */
export type Batch = readonly [
  numbers: ArrayLike<number>,
  others: readonly unknown[],
  shapes?: readonly Shape[] | undefined,
  size?: number,
];

/** A command for a reactor that is sent on its own. */
export type LoneCommand = readonly [
  id: CommandId,
  reactorId: ReactorID,
  cmd: unknown,
  size?: number,
];

/** True for a command that is sent on its own. */
export function isLone(message: Batch | LoneCommand): message is LoneCommand {
  return typeof message[0] === "number";
}

/** The numbers that follow the kind of a record; then what is in the other column. */
export const RecordKind = {
  Commands: 0, // reactor, shape, count, and the numbers of each; the other values of each
  Awaited: 1, // reactor, shape, count, and the id and numbers of each; the other values of each
  Tell: 2, // 0, shape, count, and the size and numbers of each; service, and the other values of each
  Connect: 3, // id; address, factory, parameter, options
  Listen: 4, // id; address, factory, parameter, options
  Close: 5, // id, reactor, abort
  Cancel: 6, // id
  Done: 7, // id, reactor; local address
  Failed: 8, // id; error
  Acknowledged: 9, // how many commands, questions and messages have come in, and their bytes
  Ask: 10, // id; service, parameter
  Withdraw: 11, // id
  Returned: 12, // id, reactor; value
  Answered: 13, // id; value
  Refused: 14, // id; error
  Processed: 15, // how many messages are processed, and their bytes
} as const;

/** In place of the number of a shape: the command is a number. */
export const NUMBER_ID = -2;

/** In place of the number of a shape: the command is one other value. */
export const SHAPELESS_ID = -1;

/** A connect or listen for another thread. */
export interface OpenRecord {
  readonly id: CommandId;
  readonly address: AddressLike;
  /** The name of the factory. */
  readonly factory: string;
  readonly param: unknown;
  readonly options: object;
}

/** A connect or listen, as a batch of its own. */
export function openBatch(
  kind: typeof RecordKind.Connect | typeof RecordKind.Listen,
  { id, address, factory, param, options }: OpenRecord,
  size: number,
): Batch {
  return [[kind, id], [address, factory, param, options], undefined, size];
}

/** A command for a reactor, to be sent on its own. */
export function loneCommand(
  id: CommandId,
  reactorId: ReactorID,
  { value, size }: Parcel,
): LoneCommand {
  return [id, reactorId, value, size];
}

/** A question, as a batch of its own. */
export function askBatch(
  id: QuestionId,
  service: string,
  { value, size }: Parcel,
): Batch {
  return [[RecordKind.Ask, id], [service, value], undefined, size];
}

/** A message, as a batch of its own. */
export function tellBatch(service: string, { value, size }: Parcel): Batch {
  const numbers = [RecordKind.Tell, 0, SHAPELESS_ID, 1, size];
  return [numbers, [service, value], undefined, size];
}

/** Roughly how many bytes the commands, questions and messages in `message` take. */
export function bytesInMessage(message: Batch | LoneCommand): number {
  return message[3] ?? 0;
}

/** An answer, as a batch of its own: its kind and its other numbers, and its value. */
export function loneAnswer(numbers: readonly number[], value: unknown): Batch {
  return [numbers, [value]];
}
