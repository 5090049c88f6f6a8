import {
  type Command,
  command,
  type CommandHandler,
  NO_KEYS,
} from "./command.ts";

/** A command of subcommands, each with its arity, by their names in small letters. Without one, it does what `alone` does, if that is given. */
export function container(
  name: string,
  flags: string,
  parts: Readonly<
    Record<string, readonly [arity: number, run: CommandHandler]>
  >,
  alone?: CommandHandler,
): Command {
  const own = Object.entries(parts).map(([part, [arity, run]]) =>
    [part, command(`${name}|${part}`, arity, flags, NO_KEYS, run)] as const
  );
  const [arity, run] = alone ? [-1, alone] : [-2, needsPart];
  return command(name, arity, flags, NO_KEYS, run, new Map(own));
}

/** Never called: the arity demands a subcommand, and an unknown one is refused. */
const needsPart: CommandHandler = () => {
  throw new Error("Cannot carry out a command without its subcommand");
};
