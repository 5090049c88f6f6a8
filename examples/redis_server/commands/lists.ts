import type { Client } from "../client.ts";
import { Deque } from "../deque.ts";
import { integerOf, tryInteger } from "../numbers.ts";
import type { ReplyWriter } from "../replies.ts";
import { ReplyError } from "../reply_error.ts";
import { type Command, command, ONE_KEY } from "./command.ts";

function push(name: string, end: "pushFirst" | "pushLast"): Command {
  return command(
    name,
    -3,
    "write denyoom fast",
    ONE_KEY,
    (args, out, client) => {
      const { database } = client;
      let list = database.list(args[1]);
      if (list === undefined) database.put(args[1], list = new Deque());
      for (let i = 2; i < args.length; i++) list[end](args[i]);
      database.changed(args[1], list);
      out.integer(list.length);
    },
  );
}

function pop(name: string, end: "popFirst" | "popLast"): Command {
  return command(name, -2, "write fast", ONE_KEY, (args, out, { database }) => {
    const [, key, countText] = args;
    if (args.length > 3) {
      throw new ReplyError(
        `ERR wrong number of arguments for '${name}' command`,
      );
    }
    const count = countText === undefined ? 1 : countOf(countText);
    const list = database.list(key);
    if (list === undefined) {
      if (countText === undefined) out.null();
      else out.nullArray();
      return;
    }
    const taken = Math.min(count, list.length);
    if (countText !== undefined) out.array(taken);
    for (let i = 0; i < taken; i++) out.bulk(list[end]());
    if (taken > 0) database.changed(key, list);
  });
}

function countOf(text: string): number {
  const count = tryInteger(text);
  if (count !== undefined && count >= 0) return Number(count);
  throw new ReplyError("ERR value is out of range, must be positive");
}

function range(
  [, key, from, to]: readonly string[],
  out: ReplyWriter,
  { database }: Client,
): void {
  const [first, last] = [Number(integerOf(from)), Number(integerOf(to))];
  const list = database.list(key);
  const length = list?.length ?? 0;
  const start = Math.max(0, first < 0 ? first + length : first);
  const end = Math.min(length, (last < 0 ? last + length : last) + 1);
  const count = Math.max(0, end - start);
  out.array(count);
  for (let i = 0; i < count; i++) out.bulk(list?.at(start + i));
}

/** Of lists. */
export const lists: readonly Command[] = [
  push("lpush", "pushFirst"),
  push("rpush", "pushLast"),
  pop("lpop", "popFirst"),
  pop("rpop", "popLast"),
  command("lrange", 4, "readonly", ONE_KEY, range),
  command("llen", 2, "readonly fast", ONE_KEY, (args, out, client) => {
    out.integer(client.database.list(args[1])?.length ?? 0);
  }),
];
