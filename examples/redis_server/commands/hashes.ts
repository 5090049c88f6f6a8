import type { Client } from "../client.ts";
import { ReplyError } from "../reply_error.ts";
import type { ReplyWriter } from "../replies.ts";
import { type Command, command, ONE_KEY } from "./command.ts";

/** Sets fields; returns how many are new. */
function put(args: readonly string[], { database }: Client): number {
  if (args.length % 2 !== 0) {
    const name = args[0].toLowerCase();
    throw new ReplyError(`ERR wrong number of arguments for '${name}' command`);
  }
  let hash = database.hash(args[1]);
  if (hash === undefined) database.put(args[1], hash = new Map());
  const { size } = hash;
  for (let i = 2; i < args.length; i += 2) hash.set(args[i], args[i + 1]);
  database.changed(args[1], hash);
  return hash.size - size;
}

function list(
  name: string,
  part: "keys" | "values",
): Command {
  return command(name, 2, "readonly", ONE_KEY, (args, out, client) => {
    const hash = client.database.hash(args[1]);
    out.bulks(hash?.[part]() ?? [], hash?.size ?? 0);
  });
}

function getAll(
  args: readonly string[],
  out: ReplyWriter,
  { database }: Client,
): void {
  const hash = database.hash(args[1]);
  out.map(hash?.size ?? 0);
  for (const [field, value] of hash ?? []) {
    out.bulk(field);
    out.bulk(value);
  }
}

function remove(
  args: readonly string[],
  out: ReplyWriter,
  { database }: Client,
): void {
  const hash = database.hash(args[1]);
  let count = 0;
  for (let i = 2; i < args.length; i++) if (hash?.delete(args[i])) count++;
  if (hash !== undefined && count > 0) database.changed(args[1], hash);
  out.integer(count);
}

const READ = "readonly fast";
const WRITE = "write denyoom fast";

/** Of hashes. */
export const hashes: readonly Command[] = [
  command("hset", -4, WRITE, ONE_KEY, (args, out, client) => {
    out.integer(put(args, client));
  }),
  command("hmset", -4, WRITE, ONE_KEY, (args, out, client) => {
    put(args, client);
    out.simple("OK");
  }),
  command("hget", 3, READ, ONE_KEY, ([, key, field], out, { database }) => {
    out.bulk(database.hash(key)?.get(field));
  }),
  command("hmget", -3, READ, ONE_KEY, (args, out, { database }) => {
    const hash = database.hash(args[1]);
    out.array(args.length - 2);
    for (let i = 2; i < args.length; i++) out.bulk(hash?.get(args[i]));
  }),
  command("hgetall", 2, "readonly", ONE_KEY, getAll),
  command("hdel", -3, "write fast", ONE_KEY, remove),
  command("hexists", 3, READ, ONE_KEY, ([, key, field], out, { database }) => {
    out.integer(database.hash(key)?.has(field) ? 1 : 0);
  }),
  command("hlen", 2, READ, ONE_KEY, ([, key], out, { database }) => {
    out.integer(database.hash(key)?.size ?? 0);
  }),
  list("hkeys", "keys"),
  list("hvals", "values"),
];
