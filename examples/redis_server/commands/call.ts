import type { Client } from "../client.ts";
import type { Redis } from "../redis.ts";
import type { ReplyWriter } from "../replies.ts";
import { ReplyError } from "../reply_error.ts";
import type { Command } from "./command.ts";

/** Executes a command, whose arity fits `args`, and writes its reply. */
export function call(
  command: Command,
  args: readonly string[],
  out: ReplyWriter,
  client: Client,
  redis: Redis,
): void {
  const { size } = out;
  const { changeCount } = redis;
  try {
    command.run(args, out, client, redis);
  } catch (error) {
    if (!(error instanceof ReplyError)) throw error;
    out.truncate(size);
    out.error(error.message);
  }
  if (command.isWrite) {
    redis.onDone(client, args, changeCount !== redis.changeCount);
  }
}
