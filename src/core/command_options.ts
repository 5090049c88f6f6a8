import type { SocketAddress } from "../contract/address.ts";
import {
  type AddressLike,
  describeAddress,
  parseAddress,
  showAddress,
} from "../api/address.ts";
import type { CommandCompletion, CommandOptions } from "../api/command.ts";
import type { Deferred } from "../api/deferred.ts";
import { InvalidOptionError, InvalidReactorError } from "../api/errors.ts";
import type { ReactorID, ReactorRef } from "../api/reactor_id.ts";
import { forget } from "../util/forget.ts";
import { messageOf, textOf } from "../util/text.ts";

// The arguments of a command are read once, when it is sent. They may have
// getters and traps that throw or send commands; later, no user code runs.

/** The result of any command: with a `localAddress` if it connects or listens, and a `value` if its handler returned one. */
export type AnyResult =
  | {
    readonly ok: true;
    readonly reactorId: ReactorID;
    readonly localAddress?: SocketAddress;
    readonly value?: unknown;
  }
  | { readonly ok: false; readonly error: Error };

/** The options of a command, already read. */
export interface GivenOptions {
  readonly completion: CommandCompletion<AnyResult> | undefined;
  readonly deferred: Deferred | undefined;
  /** The remaining options. */
  readonly rest: Readonly<Record<string, unknown>>;
  /** The error thrown by reading the options, if any. */
  readonly failure: InvalidOptionError | undefined;
}

/** The names of the options of a close. */
export const CLOSE_OPTION_NAMES: readonly string[] = ["abort"];

const NO_REST: GivenOptions["rest"] = {};

const NOTHING: GivenOptions = {
  completion: undefined,
  deferred: undefined,
  rest: NO_REST,
  failure: undefined,
};

/** Reads each of `options` once, including those in `names`. Never throws. */
export function givenOptions(
  options: CommandOptions<never> | undefined,
  names?: readonly string[],
): GivenOptions {
  if (options === undefined) return NOTHING;
  if (names !== undefined) forget(options);
  let completion: GivenOptions["completion"] = undefined;
  let deferred: Deferred | undefined = undefined;
  let rest = NO_REST;
  let failure: InvalidOptionError | undefined = undefined;
  try {
    completion = options.completion as GivenOptions["completion"];
    deferred = options.deferred;
    if (names !== undefined) rest = restOf(options, names);
  } catch (cause) {
    failure = unreadable(cause);
  }
  return { completion, deferred, rest, failure };
}

/**
 * Creates the error of a command whose options threw `cause` when they were
 * read.
 */
export function unreadable(cause: unknown): InvalidOptionError {
  return new InvalidOptionError(
    `Cannot read the options of a command: ${messageOf(cause)}`,
    { cause },
  );
}

function restOf(
  options: CommandOptions<never>,
  names: readonly string[],
): Record<string, unknown> {
  const rest: Record<string, unknown> = {};
  for (const name of names) {
    const value = options[name as keyof CommandOptions];
    if (value !== undefined) rest[name] = value;
  }
  return rest;
}

/**
 * Returns the id of `target`, or `target` itself if it has none; an error if
 * reading it throws. Never throws.
 */
export function idOf(target: ReactorRef): ReactorID | InvalidReactorError {
  if (typeof target !== "object" || target === null) return target;
  try {
    const { id } = target;
    return typeof id === "number" ? id : target as unknown as ReactorID;
  } catch (cause) {
    return new InvalidReactorError(
      `Cannot read the id of ${textOf(target)}: ${messageOf(cause)}`,
      { cause },
    );
  }
}

/** The target of a connect or listen command. */
export interface Endpoint {
  readonly address: SocketAddress;
  /** The address for messages. */
  readonly text: string;
  /** Why the address is invalid, if it is. */
  readonly failure: Error | undefined;
}

/** Reads the endpoint at `address`. Never throws. */
export function endpointOf(address: AddressLike): Endpoint {
  try {
    const own = parseAddress(address);
    return { address: own, text: describeAddress(own), failure: undefined };
  } catch (error) {
    return {
      address: { transport: "unknown" },
      text: showAddress(address),
      failure: error as Error,
    };
  }
}
