import { ReplyError } from "../reply_error.ts";
import {
  type Command,
  command,
  type CommandHandler,
  fits,
  NO_KEYS,
} from "./command.ts";

/** So much of an unknown name is said again. */
const MAX_SHOWN = 128;

/** A command of subcommands, each with its arity, by their names in capitals. */
export function container(
  name: string,
  flags: string,
  parts: Readonly<
    Record<string, readonly [arity: number, run: CommandHandler]>
  >,
): Command {
  return command(name, -2, flags, NO_KEYS, (args, ...rest) => {
    const part = args[1].toUpperCase();
    if (!Object.hasOwn(parts, part)) {
      throw new ReplyError(
        `ERR unknown subcommand '${
          args[1].slice(0, MAX_SHOWN)
        }'. Try ${name.toUpperCase()} HELP.`,
      );
    }
    const [arity, run] = parts[part];
    if (!fits(arity, args.length)) {
      throw new ReplyError(
        `ERR wrong number of arguments for '${name}|${part.toLowerCase()}' command`,
      );
    }
    run(args, ...rest);
  });
}
