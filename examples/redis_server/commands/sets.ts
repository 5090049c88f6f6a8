import { type Command, command, ONE_KEY } from "./command.ts";

const READ = "readonly fast";

/** Of sets. */
export const sets: readonly Command[] = [
  command("sadd", -3, "write denyoom fast", ONE_KEY, (args, out, client) => {
    const { database } = client;
    const set = database.set(args[1]) ?? new Set<string>();
    const { size } = set;
    for (let i = 2; i < args.length; i++) set.add(args[i]);
    if (size === 0) database.put(args[1], set);
    else if (set.size > size) database.changed(args[1], set);
    out.integer(set.size - size);
  }),
  command("srem", -3, "write fast", ONE_KEY, (args, out, { database }) => {
    const set = database.set(args[1]);
    let count = 0;
    for (let i = 2; i < args.length; i++) if (set?.delete(args[i])) count++;
    if (set !== undefined && count > 0) database.changed(args[1], set);
    out.integer(count);
  }),
  command("smembers", 2, "readonly", ONE_KEY, (args, out, { database }) => {
    const set = database.set(args[1]);
    out.set(set?.size ?? 0);
    for (const member of set ?? []) out.bulk(member);
  }),
  command("sismember", 3, READ, ONE_KEY, ([, key, it], out, { database }) => {
    out.integer(database.set(key)?.has(it) ? 1 : 0);
  }),
  command("scard", 2, READ, ONE_KEY, (args, out, { database }) => {
    out.integer(database.set(args[1])?.size ?? 0);
  }),
];
