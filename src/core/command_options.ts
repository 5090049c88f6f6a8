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

// What a command is given is read when it is sent, once: it may have getters and
// traps, which throw or send commands in turn. Later on no code of the user runs.

/** What becomes of any command: it has a `localAddress` if it is to connect or listen, a `value` if its handler returned one. */
export type AnyResult =
  | {
    readonly ok: true;
    readonly reactorId: ReactorID;
    readonly localAddress?: SocketAddress;
    readonly value?: unknown;
  }
  | { readonly ok: false; readonly error: Error };

/** The options of a command, read. */
export interface GivenOptions {
  readonly completion: CommandCompletion<AnyResult> | undefined;
  readonly deferred: Deferred | undefined;
  /** Those of the others that the command has, if they are given. */
  readonly rest: Readonly<Record<string, unknown>>;
  /** Why not all of it could be read. */
  readonly failure: InvalidOptionError | undefined;
}

/** What the options of a close are called. */
export const CLOSE_OPTION_NAMES: readonly string[] = ["abort"];

const NO_REST: GivenOptions["rest"] = {};

const NOTHING: GivenOptions = {
  completion: undefined,
  deferred: undefined,
  rest: NO_REST,
  failure: undefined,
};

/** What is in `options`, `names` included, each read once. Never throws. */
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

/** What a command fails with whose options throw `cause` when they are read. */
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

/** The id that `target` is or carries, itself if it is neither, or why that cannot be read. Never throws. */
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

/** Where a command connects to or listens. */
export interface Endpoint {
  readonly address: SocketAddress;
  /** The address for messages. */
  readonly text: string;
  /** Why it is no address. */
  readonly failure: Error | undefined;
}

/** The endpoint that `address` tells. Never throws. */
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
