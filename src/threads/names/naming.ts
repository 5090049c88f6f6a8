/**
 * Giving reactors names.
 *
 * @module
 */

import { InvalidNameError, ReactorNotFoundError } from "../../api/errors.ts";
import { integer, OptionTable } from "../../api/options/rules.ts";
import { MAX_INT32 } from "../../util/limits.ts";
import { read, textOf } from "../../util/text.ts";
import type { ReactorUID } from "../reactor_uid.ts";

/**
 * Options of giving a name to a reactor, and of taking it away.
 *
 * @category Threads
 */
export interface NamingOptions {
  /**
   * How many milliseconds the thread of the reactor may take to confirm that the
   * reactor exists; after that, `NamingTimeoutError`. The other threads have the
   * same time; slower ones learn the name when they are free. When a name is
   * removed, this applies to all threads. The time begins when the main thread gets
   * the request. 1 to 2^31 - 1, default 5000.
   */
  readonly timeoutMs?: number | undefined;
}

/** A reactor gets or loses a name: sent to the main thread as a request, then to the workers. */
export interface NameMessage {
  readonly type: "addName" | "removeName";
  readonly name: string;
  readonly uid: ReactorUID;
  readonly timeoutMs: number;
}

/** The options of naming. */
export const NAMING_OPTIONS: OptionTable<NamingOptions> = new OptionTable<
  NamingOptions
>({ timeoutMs: integer(1, MAX_INT32, 5000) });

/** Reads the arguments once and checks them. Throws `InvalidNameError`, `ReactorNotFoundError` or `InvalidOptionError`. */
export function nameMessage(
  type: NameMessage["type"],
  name: string,
  uid: ReactorUID,
  options: NamingOptions,
): NameMessage {
  if (typeof name !== "string") {
    throw new InvalidNameError(
      `Cannot use ${
        textOf(name)
      } as the name of a reactor: it must be a string`,
    );
  }
  const runtimeId = read(uid, "runtimeId");
  const reactorId = read(uid, "reactorId");
  if (typeof runtimeId !== "number" || typeof reactorId !== "number") {
    throw new ReactorNotFoundError(
      `Cannot use ${textOf(uid)} as the reactor "${
        textOf(name)
      }": its runtimeId and reactorId must be numbers`,
    );
  }
  const { timeoutMs } = NAMING_OPTIONS.fill(options);
  return { type, name, uid: { runtimeId, reactorId } as ReactorUID, timeoutMs };
}
