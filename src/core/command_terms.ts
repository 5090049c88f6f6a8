import type { Address } from "../adapters/adapter.ts";
import { type AddressLike, formatAddress, parseAddress } from "../address.ts";
import type { CommandCompletion, CommandOptions } from "../cmd_sender.ts";
import type { Deferred } from "../deferred.ts";
import { InvalidOptionError } from "../errors.ts";
import type { ReactorID } from "../reactor_id.ts";
import { messageOf, textOf } from "../util/text.ts";

// What a command is given is read when it is sent, once: it may have getters and
// traps, which throw or send commands in turn. Later on no code of the user runs.

/** Who is told of a command, and when it is due. */
export interface CommandTerms {
  readonly completion: CommandCompletion | undefined;
  readonly deferred: Deferred | undefined;
  /** Why not all of it could be read. */
  readonly failure: InvalidOptionError | undefined;
}

/** The terms in `options`, and what `readMore` reads of them besides. Never throws. */
export function commandTerms<Options extends CommandOptions>(
  options: Options,
  readMore?: (options: Options) => void,
): CommandTerms {
  let completion: CommandCompletion | undefined = undefined;
  let deferred: Deferred | undefined = undefined;
  let failure: InvalidOptionError | undefined = undefined;
  try {
    completion = options.completion;
    deferred = options.deferred;
    readMore?.(options);
  } catch (cause) {
    failure = new InvalidOptionError(
      `Cannot read the options of a command: ${messageOf(cause)}`,
      { cause },
    );
  }
  return { completion, deferred, failure };
}

/** Where a command connects to or listens. */
export interface Place {
  readonly address: Address;
  /** The address for messages. */
  readonly text: string;
  /** Why it is no address. */
  readonly failure: Error | undefined;
}

const NOWHERE: Address = { hostname: "", port: 0 };

/** The place that `address` tells. Never throws. */
export function placeOf(address: AddressLike): Place {
  try {
    const own = parseAddress(address);
    return { address: own, text: formatAddress(own), failure: undefined };
  } catch (error) {
    return {
      address: NOWHERE,
      text: "what is no address",
      failure: error as Error,
    };
  }
}

/** `id` if it can be one; else its text, which is the id of nothing and stands in messages. */
export function targetOf(id: ReactorID): ReactorID {
  return typeof id === "number" ? id : textOf(id) as unknown as ReactorID;
}
