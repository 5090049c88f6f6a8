import type { Client } from "../client.ts";
import type { Redis } from "../redis.ts";
import type { ReplyWriter } from "../replies.ts";

/** Executes a command, and writes its reply to `out`. */
export type CommandHandler = (
  args: readonly string[],
  out: ReplyWriter,
  client: Client,
  redis: Redis,
) => void;

/** A command, described as Redis describes it. */
export interface Command {
  /** In small letters; that of a subcommand is `command|subcommand`. */
  readonly name: string;
  /** How many arguments it takes, including its name; if negative, that is the least. */
  readonly arity: number;
  readonly flags: readonly string[];
  /** Where its keys are among the arguments: the first, the last (negative: counted from the end), and the step. */
  readonly keys: readonly [first: number, last: number, step: number];
  /** It may change what is stored. */
  readonly isWrite: boolean;
  /** Writes one reply, or throws {@linkcode ReplyError}. */
  readonly run: CommandHandler;
  /** Its subcommands, if it has such, by their names in small letters. */
  readonly parts: ReadonlyMap<string, Command> | undefined;
}

/** A command; `flags` are words. */
export function command(
  name: string,
  arity: number,
  flags: string,
  keys: Command["keys"],
  run: CommandHandler,
  parts?: Command["parts"],
): Command {
  const list = flags.split(" ");
  const isWrite = list.includes("write");
  return { name, arity, flags: list, keys, isWrite, run, parts };
}

export const NO_KEYS = [0, 0, 0] as const;
export const ONE_KEY = [1, 1, 1] as const;
export const ALL_KEYS = [1, -1, 1] as const;

/** True if a command with this arity takes `count` arguments. */
export function fits(arity: number, count: number): boolean {
  return arity > 0 ? count === arity : count >= -arity;
}
