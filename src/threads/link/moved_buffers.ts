import {
  custom,
  type OptionRule,
  OptionTable,
} from "../../api/options/rules.ts";
import type { GivenOptions } from "../../core/command_options.ts";
import { InvalidOptionError, NotTransferableError } from "../../api/errors.ts";
import { isBuffer, isDetached } from "../../util/views.ts";
import { messageOf, textOf } from "../../util/text.ts";

/** Buffers that an option lists to be transferred to another thread. */
export type Transfer = readonly ArrayBuffer[];

/** The rule of that option; {@linkcode movedBuffers} checks the items when they are sent. */
export function transferRule(): OptionRule<Transfer> {
  return custom("an array of ArrayBuffers", Array.isArray, []);
}

const COMMAND_OPTIONS = new OptionTable<
  { readonly transfer?: Transfer | undefined }
>({ transfer: transferRule() });

/** The names of the options of a command for a reactor, besides those of every command. */
export const USER_CMD_OPTION_NAMES: readonly string[] = COMMAND_OPTIONS.names;

/** The list among the options of a command, or the error of an invalid one. */
export function transferOf({ rest }: GivenOptions): Transfer | Error {
  try {
    return COMMAND_OPTIONS.fill(rest).transfer;
  } catch (error) {
    return error as Error;
  }
}

/** The buffers in `transfer`, each read once, or an error whose message is the reason alone. Call this before anything changes. */
export function movedBuffers(transfer: Transfer): Transfer | Error {
  if (transfer.length === 0) return transfer;
  let buffers: Transfer;
  try {
    buffers = [...transfer];
  } catch (cause) {
    return new InvalidOptionError(
      `transfer cannot be read: ${messageOf(cause)}`,
      { cause },
    );
  }
  for (const [i, buffer] of buffers.entries()) {
    const reason = reasonNotToMove(buffer, buffers.indexOf(buffer), i);
    if (reason !== undefined) {
      return new NotTransferableError(`transfer[${i}] ${reason}`);
    }
  }
  return buffers;
}

function reasonNotToMove(
  buffer: unknown,
  first: number,
  at: number,
): string | undefined {
  if (!isBuffer(buffer)) {
    return `must be an ArrayBuffer, and not shared memory: ${textOf(buffer)}`;
  }
  if (isDetached(buffer)) return "was transferred already";
  return first === at ? undefined : `is transfer[${first}] once more`;
}
